"""Mounts of a machine's disk and the layers below it; for processes with a mount namespace of their own."""

import os
import subprocess


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def mount_image(image, folder, options):
    os.makedirs(folder, exist_ok=True)
    mount("-t", "ext4", "-o", "loop," + options, image, folder)
    return folder


def mount_layers(layers, mounts):
    """Mounts layers, which are folders or image files, and returns names in `mounts` that overlayfs does not take apart."""
    lowers = []
    for index, layer in enumerate(layers):
        if os.path.isdir(layer):
            lowers.append(layer)
            continue
        folder = mount_image(layer, f"{mounts}/layer{index}", "ro,noload")
        if os.path.isdir(f"{folder}/upper"):
            lowers.append(f"{folder}/upper")
        elif os.path.isdir(f"{folder}/etc"):
            # A whole root, of a disk image or of a machine with a disk: nothing below shows through.
            lowers.append(folder)
            break
        # Otherwise a machine was captured twice without a start between them: the second time it changed nothing.
    names = [f"lower{index}" for index in range(len(lowers))]
    for name, lower in zip(names, lowers):
        link = f"{mounts}/{name}"
        if os.path.islink(link):
            os.unlink(link)
        os.symlink(lower, link)
    return names
