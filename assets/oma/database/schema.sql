-- Schema of the OMA database: 26 tables, their 32 foreign keys, and 5 views; for MariaDB 10.11.
-- Tables come first and foreign keys after them: vm_replication_contexts and replication_jobs refer to each other.
-- With the migrations on top of it, what must be there stands by name in appliances/oma-database.ts.

CREATE TABLE `cbt_history` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `vm_context_id` varchar(64) DEFAULT NULL,
  `job_id` varchar(191) NOT NULL,
  `disk_id` longtext NOT NULL,
  `change_id` longtext NOT NULL,
  `previous_change_id` longtext,
  `sync_type` longtext NOT NULL,
  `blocks_changed` bigint(20) DEFAULT NULL,
  `bytes_transferred` bigint(20) DEFAULT NULL,
  `sync_duration_seconds` bigint(20) DEFAULT NULL,
  `sync_success` tinyint(1) DEFAULT 0,
  `created_at` datetime(3) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `device_mappings` (
  `id` varchar(64) NOT NULL DEFAULT uuid(),
  `vm_context_id` varchar(64) DEFAULT NULL,
  `volume_uuid` varchar(64) NOT NULL,
  `volume_id_numeric` bigint(20) DEFAULT NULL,
  `vm_id` varchar(64) NOT NULL,
  `operation_mode` enum('oma', 'failover') DEFAULT 'oma',
  `cloudstack_device_id` int(11) DEFAULT NULL,
  `requires_device_correlation` tinyint(1) DEFAULT 1,
  `device_path` varchar(255) NOT NULL,
  `cloudstack_state` varchar(32) NOT NULL,
  `linux_state` varchar(32) NOT NULL,
  `size` bigint(20) NOT NULL,
  `last_sync` timestamp NULL DEFAULT current_timestamp(),
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `ossea_snapshot_id` varchar(191) DEFAULT NULL,
  `snapshot_created_at` timestamp NULL DEFAULT NULL,
  `snapshot_status` varchar(50) DEFAULT 'none',
  `persistent_device_name` varchar(255) DEFAULT NULL,
  `symlink_path` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `volume_id` (`volume_uuid`),
  UNIQUE KEY `unique_volume_id` (`volume_uuid`),
  UNIQUE KEY `device_path` (`device_path`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `failover_jobs` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `vm_context_id` varchar(64) DEFAULT NULL,
  `job_id` varchar(255) NOT NULL,
  `vm_id` varchar(255) NOT NULL,
  `replication_job_id` varchar(255) DEFAULT NULL,
  `job_type` enum('live', 'test') NOT NULL,
  `status` enum('pending', 'validating', 'snapshotting', 'creating_vm', 'switching_volume', 'powering_on', 'completed', 'failed', 'cleanup', 'reverting') NOT NULL DEFAULT 'pending',
  `source_vm_name` varchar(255) NOT NULL,
  `source_vm_spec` text,
  `destination_vm_id` varchar(255) DEFAULT NULL,
  `ossea_snapshot_id` varchar(255) DEFAULT NULL,
  `linstor_snapshot_name` varchar(255) DEFAULT NULL,
  `linstor_config_id` int(11) DEFAULT NULL,
  `network_mappings` text,
  `error_message` text,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `started_at` timestamp NULL DEFAULT NULL,
  `completed_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `job_id` (`job_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `job_execution_log` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `job_id` varchar(64) NOT NULL,
  `log_level` varchar(20) NOT NULL,
  `message` text NOT NULL,
  `details` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`details`)),
  `operation_phase` varchar(100) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `job_steps` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `job_id` varchar(64) NOT NULL,
  `name` varchar(200) NOT NULL,
  `seq` int(11) NOT NULL,
  `status` enum('running', 'completed', 'failed', 'skipped') NOT NULL DEFAULT 'running',
  `started_at` datetime(6) NOT NULL DEFAULT current_timestamp(6),
  `completed_at` datetime(6) DEFAULT NULL,
  `error_message` longtext,
  `metadata` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`metadata`)),
  PRIMARY KEY (`id`),
  UNIQUE KEY `job_step` (`job_id`, `seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `job_tracking` (
  `id` varchar(64) NOT NULL DEFAULT uuid(),
  `parent_job_id` varchar(64) DEFAULT NULL,
  `job_type` enum('cleanup', 'failover', 'migration', 'cloudstack', 'volume_daemon', 'linstor', 'virtio', 'ossea', 'scheduler', 'discovery', 'bulk-operations', 'group-management', 'conflict-detection', 'phantom-detection', 'schedule_management', 'schedule_control') DEFAULT NULL,
  `operation` varchar(100) NOT NULL,
  `status` enum('pending', 'running', 'completed', 'failed', 'cancelled') DEFAULT NULL,
  `cloudstack_job_id` varchar(64) DEFAULT NULL,
  `external_job_id` varchar(64) DEFAULT NULL,
  `metadata` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`metadata`)),
  `error_message` longtext,
  `started_at` timestamp NULL DEFAULT current_timestamp(),
  `completed_at` timestamp NULL DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `percent_complete` tinyint(3) unsigned DEFAULT NULL,
  `canceled_at` datetime(6) DEFAULT NULL,
  `owner` varchar(100) DEFAULT NULL,
  `context_id` varchar(64) DEFAULT NULL,
  `job_category` enum('system', 'failover', 'replication', 'scheduler', 'discovery', 'bulk') DEFAULT 'system',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `linstor_configs` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `api_url` varchar(255) NOT NULL,
  `api_port` int(11) DEFAULT 3370,
  `api_protocol` varchar(10) DEFAULT 'http',
  `api_key` varchar(512) DEFAULT NULL,
  `api_secret` varchar(512) DEFAULT NULL,
  `connection_timeout_seconds` int(11) DEFAULT 30,
  `retry_attempts` int(11) DEFAULT 3,
  `description` text,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `is_active` tinyint(1) DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `log_events` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `job_id` varchar(64) DEFAULT NULL,
  `step_id` bigint(20) DEFAULT NULL,
  `level` enum('DEBUG', 'INFO', 'WARN', 'ERROR') NOT NULL,
  `message` text NOT NULL,
  `attrs` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`attrs`)),
  `ts` datetime(6) NOT NULL DEFAULT current_timestamp(6),
  `external_job_id` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `nbd_exports` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `vm_context_id` varchar(64) DEFAULT NULL,
  `job_id` varchar(191) DEFAULT NULL,
  `volume_id` varchar(64) DEFAULT '',
  `vm_disk_id` bigint(20) DEFAULT NULL,
  `device_mapping_uuid` varchar(64) DEFAULT NULL,
  `export_name` varchar(191) NOT NULL,
  `port` bigint(20) NOT NULL,
  `device_path` longtext NOT NULL,
  `config_path` longtext DEFAULT '',
  `status` varchar(191) NOT NULL DEFAULT 'pending',
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `export_name` (`export_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `network_mappings` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `vm_id` varchar(255) NOT NULL,
  `source_network_name` varchar(255) NOT NULL,
  `destination_network_id` varchar(255) NOT NULL,
  `destination_network_name` varchar(255) NOT NULL,
  `is_test_network` tinyint(1) DEFAULT 0,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `vm_context_id` varchar(64) DEFAULT NULL,
  `vmware_vm_id` varchar(255) DEFAULT NULL,
  `validation_status` enum('pending', 'valid', 'invalid') DEFAULT 'pending',
  `mapping_type` enum('live', 'test', 'both') DEFAULT 'live',
  `network_strategy` varchar(50) DEFAULT NULL,
  `last_validated` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `vm_network` (`vm_id`, `source_network_name`, `is_test_network`),
  UNIQUE KEY `context_network` (`vm_context_id`, `source_network_name`, `is_test_network`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `ossea_configs` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `name` longtext NOT NULL,
  `api_url` longtext NOT NULL,
  `api_key` longtext NOT NULL,
  `secret_key` longtext NOT NULL,
  `domain` longtext,
  `zone` longtext NOT NULL,
  `template_id` longtext,
  `network_id` longtext,
  `service_offering_id` longtext,
  `disk_offering_id` longtext,
  `oma_vm_id` longtext,
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  `is_active` tinyint(1) DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`) USING HASH
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `ossea_volumes` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `vm_context_id` varchar(64) DEFAULT NULL,
  `volume_id` longtext NOT NULL,
  `volume_name` longtext NOT NULL,
  `size_gb` bigint(20) NOT NULL,
  `ossea_config_id` bigint(20) DEFAULT NULL,
  `volume_type` longtext,
  `device_path` longtext,
  `mount_point` longtext,
  `status` varchar(191) DEFAULT 'creating',
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  `snapshot_id` varchar(191) DEFAULT NULL,
  `snapshot_created_at` timestamp NULL DEFAULT NULL,
  `snapshot_status` varchar(50) DEFAULT 'none',
  PRIMARY KEY (`id`),
  UNIQUE KEY `volume_id` (`volume_id`) USING HASH
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `replication_jobs` (
  `id` varchar(191) NOT NULL,
  `vm_context_id` varchar(64) DEFAULT NULL,
  `source_vm_id` longtext NOT NULL,
  `source_vm_name` longtext NOT NULL,
  `source_vm_path` longtext NOT NULL,
  `v_center_host` longtext NOT NULL,
  `datacenter` longtext NOT NULL,
  `replication_type` longtext NOT NULL,
  `target_network` longtext,
  `status` varchar(191) DEFAULT 'pending',
  `progress_percent` double DEFAULT 0,
  `current_operation` longtext,
  `bytes_transferred` bigint(20) DEFAULT 0,
  `total_bytes` bigint(20) DEFAULT 0,
  `transfer_speed_bps` bigint(20) DEFAULT 0,
  `error_message` longtext,
  `change_id` longtext,
  `previous_change_id` longtext,
  `snapshot_id` longtext,
  `nbd_port` bigint(20) DEFAULT NULL,
  `nbd_export_name` longtext,
  `target_device` longtext,
  `ossea_config_id` bigint(20) DEFAULT NULL,
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  `started_at` datetime(3) DEFAULT NULL,
  `completed_at` datetime(3) DEFAULT NULL,
  `vma_sync_type` varchar(50) DEFAULT NULL,
  `vma_current_phase` varchar(100) DEFAULT NULL,
  `vma_throughput_mbps` decimal(10, 2) DEFAULT 0.00,
  `vma_eta_seconds` int(11) DEFAULT NULL,
  `vma_last_poll_at` timestamp NULL DEFAULT NULL,
  `vma_error_classification` varchar(50) DEFAULT NULL,
  `vma_error_details` text,
  `setup_progress_percent` decimal(5, 2) DEFAULT 0.00,
  `schedule_execution_id` varchar(64) DEFAULT NULL,
  `scheduled_by` varchar(255) DEFAULT NULL,
  `vm_group_id` varchar(64) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `replication_schedules` (
  `id` varchar(64) NOT NULL DEFAULT uuid(),
  `name` varchar(255) NOT NULL,
  `description` text,
  `cron_expression` varchar(100) NOT NULL,
  `schedule_type` enum('cron', 'chain') NOT NULL DEFAULT 'cron',
  `timezone` varchar(50) DEFAULT 'UTC',
  `chain_parent_schedule_id` varchar(64) DEFAULT NULL,
  `chain_delay_minutes` int(11) DEFAULT 0,
  `replication_type` enum('full', 'incremental', 'auto') DEFAULT 'auto',
  `max_concurrent_jobs` int(11) DEFAULT 1,
  `retry_attempts` int(11) DEFAULT 3,
  `retry_delay_minutes` int(11) DEFAULT 30,
  `enabled` tinyint(1) DEFAULT 1,
  `skip_if_running` tinyint(1) DEFAULT 1,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `created_by` varchar(255) DEFAULT 'system',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `schedule_executions` (
  `id` varchar(64) NOT NULL DEFAULT uuid(),
  `schedule_id` varchar(64) NOT NULL,
  `group_id` varchar(64) DEFAULT NULL,
  `scheduled_at` timestamp NOT NULL DEFAULT current_timestamp(),
  `started_at` timestamp NULL DEFAULT NULL,
  `completed_at` timestamp NULL DEFAULT NULL,
  `status` enum('scheduled', 'running', 'completed', 'failed', 'skipped', 'cancelled') DEFAULT 'scheduled',
  `vms_eligible` int(11) DEFAULT 0,
  `jobs_created` int(11) DEFAULT 0,
  `jobs_completed` int(11) DEFAULT 0,
  `jobs_failed` int(11) DEFAULT 0,
  `jobs_skipped` int(11) DEFAULT 0,
  `execution_details` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`execution_details`)),
  `error_message` text,
  `error_details` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`error_details`)),
  `execution_duration_seconds` int(11) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `triggered_by` varchar(255) DEFAULT 'scheduler',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `schema_migrations` (
  `version` varchar(14) NOT NULL,
  `description` varchar(255) DEFAULT NULL,
  `applied_at` timestamp NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`version`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `vm_disks` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `vm_context_id` varchar(64) DEFAULT NULL,
  `job_id` varchar(191) NOT NULL,
  `disk_id` longtext NOT NULL,
  `vm_dk_path` longtext NOT NULL,
  `size_gb` bigint(20) NOT NULL,
  `datastore` longtext,
  `unit_number` bigint(20) DEFAULT NULL,
  `label` longtext,
  `capacity_bytes` bigint(20) DEFAULT NULL,
  `provisioning_type` longtext,
  `ossea_volume_id` bigint(20) DEFAULT NULL,
  `disk_change_id` longtext,
  `sync_status` varchar(191) DEFAULT 'pending',
  `sync_progress_percent` double DEFAULT 0,
  `bytes_synced` bigint(20) DEFAULT 0,
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  `cpu_count` int(11) DEFAULT 0,
  `memory_mb` int(11) DEFAULT 0,
  `os_type` varchar(255) DEFAULT '',
  `vm_tools_version` varchar(255) DEFAULT '',
  `display_name` varchar(255) DEFAULT '',
  `vmware_uuid` varchar(255) DEFAULT '',
  `network_config` text,
  `annotation` text,
  `bios_setup` text,
  `power_state` varchar(50) DEFAULT '',
  PRIMARY KEY (`id`),
  UNIQUE KEY `context_disk` (`vm_context_id`, `disk_id`) USING HASH
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `vm_export_mappings` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `vm_id` varchar(36) NOT NULL,
  `disk_unit_number` int(11) NOT NULL,
  `vm_name` varchar(255) NOT NULL,
  `export_name` varchar(255) NOT NULL,
  `device_path` varchar(255) NOT NULL,
  `status` enum('active', 'inactive') DEFAULT 'active',
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `export_name` (`export_name`),
  UNIQUE KEY `device_path` (`device_path`),
  UNIQUE KEY `vm_disk_unit` (`vm_id`, `disk_unit_number`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `vm_group_memberships` (
  `id` varchar(64) NOT NULL DEFAULT uuid(),
  `group_id` varchar(64) NOT NULL,
  `vm_context_id` varchar(64) NOT NULL,
  `enabled` tinyint(1) DEFAULT 1,
  `priority` int(11) DEFAULT 0,
  `schedule_override_id` varchar(64) DEFAULT NULL,
  `added_at` timestamp NULL DEFAULT current_timestamp(),
  `added_by` varchar(255) DEFAULT 'system',
  PRIMARY KEY (`id`),
  UNIQUE KEY `group_context` (`group_id`, `vm_context_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `vm_machine_groups` (
  `id` varchar(64) NOT NULL DEFAULT uuid(),
  `name` varchar(255) NOT NULL,
  `description` text,
  `schedule_id` varchar(64) DEFAULT NULL,
  `max_concurrent_vms` int(11) DEFAULT 5,
  `priority` int(11) DEFAULT 0,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `created_by` varchar(255) DEFAULT 'system',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `vm_replication_contexts` (
  `context_id` varchar(64) NOT NULL DEFAULT uuid(),
  `vm_name` varchar(255) NOT NULL,
  `vmware_vm_id` varchar(255) NOT NULL,
  `vm_path` varchar(500) NOT NULL,
  `vcenter_host` varchar(255) NOT NULL,
  `datacenter` varchar(255) NOT NULL,
  `current_status` enum('discovered', 'replicating', 'ready_for_failover', 'failed_over_test', 'failed_over_live', 'completed', 'failed', 'cleanup_required') NOT NULL DEFAULT 'discovered',
  `current_job_id` varchar(191) DEFAULT NULL,
  `total_jobs_run` int(11) DEFAULT 0,
  `successful_jobs` int(11) DEFAULT 0,
  `failed_jobs` int(11) DEFAULT 0,
  `last_successful_job_id` varchar(191) DEFAULT NULL,
  `cpu_count` int(11) DEFAULT NULL,
  `memory_mb` int(11) DEFAULT NULL,
  `os_type` varchar(255) DEFAULT NULL,
  `power_state` varchar(50) DEFAULT NULL,
  `vm_tools_version` varchar(255) DEFAULT NULL,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `first_job_at` timestamp NULL DEFAULT NULL,
  `last_job_at` timestamp NULL DEFAULT NULL,
  `last_status_change` timestamp NULL DEFAULT current_timestamp(),
  `auto_added` tinyint(1) DEFAULT 0,
  `last_scheduled_job_id` varchar(255) DEFAULT NULL,
  `next_scheduled_at` timestamp NULL DEFAULT NULL,
  `scheduler_enabled` tinyint(1) DEFAULT 1,
  `credential_id` int(11) DEFAULT NULL,
  `ossea_config_id` int(11) DEFAULT NULL,
  `last_operation_summary` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`last_operation_summary`)),
  PRIMARY KEY (`context_id`),
  UNIQUE KEY `vmware_vm` (`vmware_vm_id`, `vcenter_host`),
  UNIQUE KEY `vm_name` (`vm_name`, `vcenter_host`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `vmware_credentials` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `credential_name` varchar(255) NOT NULL,
  `vcenter_host` varchar(255) NOT NULL,
  `username` varchar(255) NOT NULL,
  `password_encrypted` text NOT NULL,
  `datacenter` varchar(255) NOT NULL,
  `is_active` tinyint(1) DEFAULT 1,
  `is_default` tinyint(1) DEFAULT 0,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `created_by` varchar(255) DEFAULT NULL,
  `last_used` timestamp NULL DEFAULT NULL,
  `usage_count` int(11) DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `credential_name` (`credential_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `volume_daemon_metrics` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `timestamp` timestamp NULL DEFAULT current_timestamp(),
  `total_operations` bigint(20) NOT NULL DEFAULT 0,
  `pending_operations` bigint(20) NOT NULL DEFAULT 0,
  `active_mappings` bigint(20) NOT NULL DEFAULT 0,
  `operations_by_type` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`operations_by_type`)),
  `operations_by_status` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`operations_by_status`)),
  `average_response_time_ms` decimal(10, 2) NOT NULL DEFAULT 0.00,
  `error_rate_percent` decimal(5, 2) NOT NULL DEFAULT 0.00,
  `details` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`details`)),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `volume_mounts` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `ossea_volume_id` bigint(20) NOT NULL,
  `job_id` longtext NOT NULL,
  `device_path` longtext NOT NULL,
  `mount_point` longtext,
  `mount_status` varchar(191) DEFAULT 'unmounted',
  `filesystem_type` longtext,
  `mount_options` longtext,
  `is_read_only` tinyint(1) DEFAULT 0,
  `mounted_at` datetime(3) DEFAULT NULL,
  `unmounted_at` datetime(3) DEFAULT NULL,
  `created_at` datetime(3) DEFAULT NULL,
  `updated_at` datetime(3) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `volume_operation_history` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `operation_id` varchar(64) NOT NULL,
  `previous_status` enum('pending', 'executing', 'completed', 'failed', 'cancelled') DEFAULT NULL,
  `new_status` enum('pending', 'executing', 'completed', 'failed', 'cancelled') DEFAULT NULL,
  `changed_at` timestamp NULL DEFAULT current_timestamp(),
  `details` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`details`)),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE `volume_operations` (
  `id` varchar(64) NOT NULL,
  `type` enum('create', 'attach', 'detach', 'delete', 'cleanup') NOT NULL,
  `status` enum('pending', 'executing', 'completed', 'failed', 'cancelled') NOT NULL DEFAULT 'pending',
  `volume_id` varchar(64) NOT NULL,
  `vm_id` varchar(64) DEFAULT NULL,
  `request` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL CHECK (json_valid(`request`)),
  `response` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`response`)),
  `error` text,
  `created_at` timestamp NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `completed_at` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

ALTER TABLE `cbt_history`
  ADD CONSTRAINT `fk_cbt_history_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_cbt_history_job_id` FOREIGN KEY (`job_id`) REFERENCES `replication_jobs` (`id`) ON DELETE CASCADE;

ALTER TABLE `device_mappings`
  ADD CONSTRAINT `fk_device_mappings_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE;

ALTER TABLE `failover_jobs`
  ADD CONSTRAINT `fk_failover_jobs_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE;

ALTER TABLE `job_execution_log`
  ADD CONSTRAINT `fk_job_execution_log_job_id` FOREIGN KEY (`job_id`) REFERENCES `job_tracking` (`id`) ON DELETE CASCADE;

ALTER TABLE `job_steps`
  ADD CONSTRAINT `fk_job_steps_job_id` FOREIGN KEY (`job_id`) REFERENCES `job_tracking` (`id`) ON DELETE CASCADE;

ALTER TABLE `job_tracking`
  ADD CONSTRAINT `fk_job_tracking_parent_job_id` FOREIGN KEY (`parent_job_id`) REFERENCES `job_tracking` (`id`) ON DELETE CASCADE;

ALTER TABLE `log_events`
  ADD CONSTRAINT `fk_log_events_job_id` FOREIGN KEY (`job_id`) REFERENCES `job_tracking` (`id`) ON DELETE SET NULL,
  ADD CONSTRAINT `fk_log_events_step_id` FOREIGN KEY (`step_id`) REFERENCES `job_steps` (`id`) ON DELETE SET NULL;

ALTER TABLE `nbd_exports`
  ADD CONSTRAINT `fk_nbd_exports_device_mapping_uuid` FOREIGN KEY (`device_mapping_uuid`) REFERENCES `device_mappings` (`volume_uuid`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_nbd_exports_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_nbd_exports_job_id` FOREIGN KEY (`job_id`) REFERENCES `replication_jobs` (`id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_nbd_exports_vm_disk_id` FOREIGN KEY (`vm_disk_id`) REFERENCES `vm_disks` (`id`) ON DELETE CASCADE;

ALTER TABLE `network_mappings`
  ADD CONSTRAINT `fk_network_mappings_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE;

ALTER TABLE `ossea_volumes`
  ADD CONSTRAINT `fk_ossea_volumes_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_ossea_volumes_ossea_config_id` FOREIGN KEY (`ossea_config_id`) REFERENCES `ossea_configs` (`id`);

ALTER TABLE `replication_jobs`
  ADD CONSTRAINT `fk_replication_jobs_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_replication_jobs_ossea_config_id` FOREIGN KEY (`ossea_config_id`) REFERENCES `ossea_configs` (`id`),
  ADD CONSTRAINT `fk_replication_jobs_schedule_execution_id` FOREIGN KEY (`schedule_execution_id`) REFERENCES `schedule_executions` (`id`) ON DELETE SET NULL,
  ADD CONSTRAINT `fk_replication_jobs_vm_group_id` FOREIGN KEY (`vm_group_id`) REFERENCES `vm_machine_groups` (`id`) ON DELETE SET NULL;

ALTER TABLE `replication_schedules`
  ADD CONSTRAINT `fk_replication_schedules_chain_parent_schedule_id` FOREIGN KEY (`chain_parent_schedule_id`) REFERENCES `replication_schedules` (`id`) ON DELETE SET NULL;

ALTER TABLE `schedule_executions`
  ADD CONSTRAINT `fk_schedule_executions_schedule_id` FOREIGN KEY (`schedule_id`) REFERENCES `replication_schedules` (`id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_schedule_executions_group_id` FOREIGN KEY (`group_id`) REFERENCES `vm_machine_groups` (`id`) ON DELETE SET NULL;

ALTER TABLE `vm_disks`
  ADD CONSTRAINT `fk_vm_disks_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_vm_disks_job_id` FOREIGN KEY (`job_id`) REFERENCES `replication_jobs` (`id`) ON DELETE CASCADE;

ALTER TABLE `vm_group_memberships`
  ADD CONSTRAINT `fk_vm_group_memberships_group_id` FOREIGN KEY (`group_id`) REFERENCES `vm_machine_groups` (`id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_vm_group_memberships_vm_context_id` FOREIGN KEY (`vm_context_id`) REFERENCES `vm_replication_contexts` (`context_id`) ON DELETE CASCADE,
  ADD CONSTRAINT `fk_vm_group_memberships_schedule_override_id` FOREIGN KEY (`schedule_override_id`) REFERENCES `replication_schedules` (`id`) ON DELETE SET NULL;

ALTER TABLE `vm_machine_groups`
  ADD CONSTRAINT `fk_vm_machine_groups_schedule_id` FOREIGN KEY (`schedule_id`) REFERENCES `replication_schedules` (`id`) ON DELETE SET NULL;

ALTER TABLE `vm_replication_contexts`
  ADD CONSTRAINT `fk_vm_replication_contexts_current_job_id` FOREIGN KEY (`current_job_id`) REFERENCES `replication_jobs` (`id`) ON DELETE SET NULL,
  ADD CONSTRAINT `fk_vm_replication_contexts_last_successful_job_id` FOREIGN KEY (`last_successful_job_id`) REFERENCES `replication_jobs` (`id`) ON DELETE SET NULL,
  ADD CONSTRAINT `fk_vm_replication_contexts_credential_id` FOREIGN KEY (`credential_id`) REFERENCES `vmware_credentials` (`id`) ON DELETE SET NULL;

-- What runs now, for how long, and how many errors it has logged.
CREATE SQL SECURITY INVOKER VIEW `active_jobs` AS
SELECT
  j.`id`, j.`parent_job_id`, j.`job_type`, j.`job_category`, j.`operation`, j.`status`, j.`owner`,
  j.`percent_complete`, j.`started_at`,
  TIMESTAMPDIFF(SECOND, j.`started_at`, current_timestamp()) AS `seconds_running`,
  (SELECT COUNT(*) FROM `log_events` e WHERE e.`job_id` = j.`id` AND e.`level` = 'ERROR') AS `error_count`
FROM `job_tracking` j
WHERE j.`status` IN ('pending', 'running');

-- Enabled schedules with what they reach, and when they last ran.
CREATE SQL SECURITY INVOKER VIEW `active_schedules` AS
SELECT
  s.`id`, s.`name`, s.`cron_expression`, s.`schedule_type`, s.`timezone`, s.`replication_type`,
  (SELECT COUNT(*) FROM `vm_machine_groups` g WHERE g.`schedule_id` = s.`id`) AS `group_count`,
  (SELECT COUNT(*) FROM `vm_group_memberships` m JOIN `vm_machine_groups` g ON g.`id` = m.`group_id`
    WHERE g.`schedule_id` = s.`id` AND m.`enabled` = 1) AS `vm_count`,
  (SELECT MAX(x.`started_at`) FROM `schedule_executions` x WHERE x.`schedule_id` = s.`id`) AS `last_execution`
FROM `replication_schedules` s
WHERE s.`enabled` = 1;

-- Each job with its place in the tree, its children and its duration.
CREATE SQL SECURITY INVOKER VIEW `job_tracking_hierarchy` AS
SELECT
  j.`id`, j.`parent_job_id`, j.`job_type`, j.`operation`, j.`status`,
  IF(j.`parent_job_id` IS NULL, 'root', 'child') AS `position`,
  (SELECT COUNT(*) FROM `job_tracking` c WHERE c.`parent_job_id` = j.`id`) AS `child_count`,
  TIMESTAMPDIFF(SECOND, j.`started_at`, COALESCE(j.`completed_at`, current_timestamp())) AS `duration_seconds`
FROM `job_tracking` j;

-- Runs of schedules, and how much of each succeeded.
CREATE SQL SECURITY INVOKER VIEW `schedule_execution_summary` AS
SELECT
  x.`id`, x.`schedule_id`, s.`name` AS `schedule_name`, x.`scheduled_at`, x.`started_at`, x.`completed_at`,
  x.`status`, x.`vms_eligible`, x.`jobs_created`, x.`jobs_completed`, x.`jobs_failed`, x.`jobs_skipped`,
  IF(x.`jobs_created` > 0, ROUND(100 * x.`jobs_completed` / x.`jobs_created`, 2), NULL) AS `success_percent`
FROM `schedule_executions` x
JOIN `replication_schedules` s ON s.`id` = x.`schedule_id`;

-- Machines that a schedule may replicate, with their group, schedule and running job.
CREATE SQL SECURITY INVOKER VIEW `vm_schedule_status` AS
SELECT
  c.`context_id`, c.`vm_name`, c.`current_status`, c.`next_scheduled_at`,
  g.`name` AS `group_name`, s.`name` AS `schedule_name`, r.`id` AS `active_job_id`, r.`status` AS `active_job_status`
FROM `vm_replication_contexts` c
LEFT JOIN `vm_group_memberships` m ON m.`vm_context_id` = c.`context_id` AND m.`enabled` = 1
LEFT JOIN `vm_machine_groups` g ON g.`id` = m.`group_id`
LEFT JOIN `replication_schedules` s ON s.`id` = COALESCE(m.`schedule_override_id`, g.`schedule_id`)
LEFT JOIN `replication_jobs` r ON r.`vm_context_id` = c.`context_id` AND r.`status` IN ('replicating', 'provisioning')
WHERE c.`scheduler_enabled` = 1;
