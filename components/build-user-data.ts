import { stringify } from "yaml";

/** Exists on the build machine only; the last seal operation removes it. */
export const buildUser = "ossea-build";

/** cloud-init user data: the build user with its key, and a host key that the program made and can pin. */
export function userDataOf(accessKey: string, hostPrivateKey: string, hostPublicKey: string): string {
  const config = {
    users: [
      {
        name: buildUser,
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: "ALL=(ALL) NOPASSWD:ALL",
        ssh_authorized_keys: [accessKey],
      },
    ],
    disable_root: true,
    ssh_pwauth: false,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: hostPrivateKey, ed25519_public: hostPublicKey },
  };
  return `#cloud-config\n${stringify(config, { lineWidth: 0 })}`;
}
