-- Once per appliance, at its first boot. @instance_id is the UUID of the instance that the appliance runs in: volumes are
-- attached to the instance that a configuration names, and the template's rows cannot know it.
UPDATE ossea_configs SET oma_vm_id = @instance_id;
