"""What deleted files have left in the free blocks of a file system: on a disk it stays until somebody writes over it."""

import os
import re
import subprocess

PIECE = 1024 * 1024


def free_ranges(image, offset=0):
    """Block size, and (start, end) in bytes of the image file of each run of free blocks of the ext4 in it."""
    # An image with an offset is one of the forms that the library of e2fsprogs takes.
    told = subprocess.run(["dumpe2fs", f"{image}?offset={offset}"], check=True, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout
    size = int(re.search(r"^Block size:\s*(\d+)", told, re.MULTILINE)[1])
    ranges = []
    for line in re.findall(r"^  Free blocks: (.*)$", told, re.MULTILINE):
        for piece in filter(None, line.split(", ")):
            first, _, last = piece.partition("-")
            ranges.append((offset + int(first) * size, offset + (int(last or first) + 1) * size))
    return size, ranges


def written_parts(file, start, end):
    """Within a range, what is no hole."""
    while start < end:
        try:
            begin = os.lseek(file, start, os.SEEK_DATA)
        except OSError:
            return
        if begin >= end:
            return
        stop = min(os.lseek(file, begin, os.SEEK_HOLE), end)
        yield begin, stop
        start = stop


def remnants(image):
    """The bytes in the free blocks of an image, block by block as they lie there; zeros are left out."""
    size, ranges = free_ranges(image)
    with open(image, "rb") as file:
        for start, end in ranges:
            for begin, stop in written_parts(file.fileno(), start, end):
                file.seek(begin)
                while begin < stop:
                    piece = file.read(min(PIECE, stop - begin))
                    begin += len(piece)
                    for at in range(0, len(piece), size):
                        block = piece[at : at + size]
                        if block.count(0) < len(block):
                            yield block


def carry_over(layers, image, offset):
    """Puts what lies in free blocks of the layers into free blocks of the image, as far as it has any."""
    blocks = (block for layer in layers for block in remnants(layer))
    _, ranges = free_ranges(image, offset)
    with open(image, "r+b") as file:
        for start, end in ranges:
            file.seek(start)
            while file.tell() < end:
                block = next(blocks, None)
                if block is None:
                    return
                file.write(block[: end - file.tell()])
