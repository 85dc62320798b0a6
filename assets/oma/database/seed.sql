-- Rows that a new OMA starts with; run any number of times they are there once.
-- Both are templates to fill in, and inactive: nothing connects anywhere before an operator has done so.
INSERT INTO `ossea_configs`
  (`name`, `api_url`, `api_key`, `secret_key`, `domain`, `zone`, `template_id`, `network_id`, `service_offering_id`,
   `disk_offering_id`, `oma_vm_id`, `created_at`, `updated_at`, `is_active`)
SELECT
  'production-template', 'http://your-cloudstack:8080/client/api', 'configure-via-gui', 'configure-via-gui', 'ROOT',
  'configure-via-gui', 'configure-via-gui', 'configure-via-gui', 'configure-via-gui', 'configure-via-gui',
  'configure-via-gui', current_timestamp(3), current_timestamp(3), 0
FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM `ossea_configs` WHERE `name` = 'production-template');

INSERT INTO `vmware_credentials`
  (`credential_name`, `vcenter_host`, `username`, `password_encrypted`, `datacenter`, `is_active`, `is_default`,
   `created_by`)
SELECT
  'Production-vCenter', 'configure-via-gui', 'configure-via-gui', 'CONFIGURE_VIA_GUI', 'configure-via-gui', 0, 0,
  'appliance_setup'
FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM `vmware_credentials` WHERE `credential_name` = 'Production-vCenter');

INSERT INTO `schema_migrations` (`version`, `description`)
SELECT '20251003160000', 'add_operation_summary'
FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM `schema_migrations` WHERE `version` = '20251003160000');
