/*
 * Demo plugin in the place of nbdkit's vddk plugin: it loads VMware's library from where the real plugin looks for it,
 * and answers nbdkit vddk --dump-plugin with the real plugin's words. With the demo library it serves demo disks; of
 * any other library it says that it serves nothing.
 *
 *   nbdkit vddk file="[demo] web-01/web-01.vmdk" [size=BYTES]
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL
#define LIBRARY_FOLDER "/usr/lib/vmware-vix-disklib"
#define SECTOR 512

static const char *const names[] = {"libvixDiskLib.so.9", "libvixDiskLib.so.8", "libvixDiskLib.so"};
static const char *(*version)(void);
static void (*read_sector)(const char *disk, uint64_t sector, unsigned char *into);
static void *library;
static char found[256];
static const char *disk;
static int64_t size = 4 * 1024 * 1024;

static int load_library(void) {
  for (size_t each = 0; library == NULL && each < sizeof names / sizeof names[0]; each++) {
    snprintf(found, sizeof found, "%s/lib64/%s", LIBRARY_FOLDER, names[each]);
    library = dlopen(found, RTLD_NOW);
  }
  if (library == NULL) {
    nbdkit_error("VDDK cannot be loaded: %s", dlerror());
    return -1;
  }
  version = (const char *(*)(void))dlsym(library, "ossea_demo_vddk_version");
  read_sector = (void (*)(const char *, uint64_t, unsigned char *))dlsym(library, "ossea_demo_vddk_read");
  return 0;
}

static void dump_plugin(void) {
  printf("vddk_default_libdir=%s\n", LIBRARY_FOLDER);
  if (load_library() == -1) return;
  printf("vddk_library_version=8\n");
  printf("vddk_dll=%s\n", found);
  if (version != NULL) printf("vddk_demo=%s\n", version());
}

static int config(const char *key, const char *value) {
  if (strcmp(key, "file") == 0) {
    disk = value;
  } else if (strcmp(key, "size") == 0) {
    size = nbdkit_parse_size(value);
    if (size == -1) return -1;
  } else {
    nbdkit_error("the demo plugin has no parameter %s", key);
    return -1;
  }
  return 0;
}

static int get_ready(void) {
  if (disk == NULL) {
    nbdkit_error("file= names the disk");
    return -1;
  }
  if (load_library() == -1) return -1;
  if (read_sector == NULL) {
    nbdkit_error("%s is no demo library: the demo plugin serves demo disks alone", found);
    return -1;
  }
  return 0;
}

static void *open_disk(int readonly) { return (void *)disk; }

static int64_t get_size(void *handle) { return size; }

static int pread_disk(void *handle, void *into, uint32_t count, uint64_t offset, uint32_t flags) {
  unsigned char sector[SECTOR];
  unsigned char *to = into;
  while (count > 0) {
    uint32_t skip = offset % SECTOR;
    uint32_t part = SECTOR - skip < count ? SECTOR - skip : count;
    read_sector(handle, offset / SECTOR, sector);
    memcpy(to, sector + skip, part);
    to += part;
    offset += part;
    count -= part;
  }
  return 0;
}

static struct nbdkit_plugin plugin = {
  .name = "vddk",
  .longname = "demo plugin in the place of nbdkit's vddk plugin",
  .version = "demo-1.0.0",
  .dump_plugin = dump_plugin,
  .config = config,
  .get_ready = get_ready,
  .open = open_disk,
  .get_size = get_size,
  .pread = pread_disk,
};

NBDKIT_REGISTER_PLUGIN(plugin)
