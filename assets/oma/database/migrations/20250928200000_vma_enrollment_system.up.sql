-- Enrolment of VMAs: pairing codes, requests and their approval, connections, and what happened when.
-- A dump that was made after this migration holds these tables already: each is made only where it is missing.

CREATE TABLE IF NOT EXISTS `vma_enrollments` (
  `id` varchar(36) NOT NULL DEFAULT uuid(),
  `pairing_code` varchar(20) NOT NULL,
  `vma_public_key` text NOT NULL,
  `vma_name` varchar(255) DEFAULT NULL,
  `vma_version` varchar(100) DEFAULT NULL,
  `vma_fingerprint` varchar(255) DEFAULT NULL,
  `vma_ip_address` varchar(45) DEFAULT NULL,
  `challenge_nonce` varchar(64) DEFAULT NULL,
  `status` enum('pending_verification', 'awaiting_approval', 'approved', 'rejected', 'expired') NOT NULL DEFAULT 'pending_verification',
  `approved_by` varchar(255) DEFAULT NULL,
  `approved_at` timestamp NULL DEFAULT NULL,
  `expires_at` timestamp NOT NULL,
  `created_at` timestamp NOT NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`id`),
  UNIQUE KEY `pairing_code` (`pairing_code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE IF NOT EXISTS `vma_active_connections` (
  `id` varchar(36) NOT NULL DEFAULT uuid(),
  `enrollment_id` varchar(36) NOT NULL,
  `vma_name` varchar(255) NOT NULL,
  `vma_fingerprint` varchar(255) NOT NULL,
  `ssh_user` varchar(50) NOT NULL DEFAULT 'vma_tunnel',
  `connection_status` enum('connected', 'disconnected', 'revoked') NOT NULL DEFAULT 'connected',
  `last_seen_at` timestamp NULL DEFAULT NULL,
  `connected_at` timestamp NOT NULL DEFAULT current_timestamp(),
  `revoked_at` timestamp NULL DEFAULT NULL,
  `revoked_by` varchar(255) DEFAULT NULL,
  `created_at` timestamp NOT NULL DEFAULT current_timestamp(),
  `updated_at` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  PRIMARY KEY (`id`),
  UNIQUE KEY `enrollment_id` (`enrollment_id`),
  CONSTRAINT `fk_vma_active_connections_enrollment_id` FOREIGN KEY (`enrollment_id`) REFERENCES `vma_enrollments` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE IF NOT EXISTS `vma_connection_audit` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `enrollment_id` varchar(36) DEFAULT NULL,
  `event_type` enum('enrollment', 'verification', 'approval', 'rejection', 'connection', 'disconnection', 'revocation') NOT NULL,
  `vma_fingerprint` varchar(255) DEFAULT NULL,
  `source_ip` varchar(45) DEFAULT NULL,
  `user_agent` varchar(255) DEFAULT NULL,
  `approved_by` varchar(255) DEFAULT NULL,
  `event_details` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (json_valid(`event_details`)),
  `created_at` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`id`),
  CONSTRAINT `fk_vma_connection_audit_enrollment_id` FOREIGN KEY (`enrollment_id`) REFERENCES `vma_enrollments` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

CREATE TABLE IF NOT EXISTS `vma_pairing_codes` (
  `id` varchar(36) NOT NULL DEFAULT uuid(),
  `pairing_code` varchar(20) NOT NULL,
  `generated_by` varchar(255) NOT NULL,
  `used_by_enrollment_id` varchar(36) DEFAULT NULL,
  `expires_at` timestamp NOT NULL,
  `used_at` timestamp NULL DEFAULT NULL,
  `created_at` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`id`),
  UNIQUE KEY `pairing_code` (`pairing_code`),
  CONSTRAINT `fk_vma_pairing_codes_used_by_enrollment_id` FOREIGN KEY (`used_by_enrollment_id`) REFERENCES `vma_enrollments` (`id`) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
