/*
 * Demo library in the place of VMware's VDDK: not VMware's, and without a line of it. It has the name and the place of
 * the real one, so that links, linker cache and nbdkit's plugin can be proved without a licence. Its disks are text:
 * each 512 bytes say which disk and which sector they are, so that a disk that lands in a wrong place shows it.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SECTOR 512

const char *ossea_demo_vddk_version(void) { return "8.0.3 (demo library, not VMware's)"; }

void ossea_demo_vddk_read(const char *disk, uint64_t sector, unsigned char *into) {
  char line[SECTOR];
  int length = snprintf(line, sizeof line, "demo disk %s sector %" PRIu64 "\n", disk, sector);
  memset(into, '.', SECTOR);
  memcpy(into, line, (size_t)(length < SECTOR ? length : SECTOR));
}
