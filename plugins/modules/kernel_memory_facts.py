#!/usr/bin/python
# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: kernel_memory_facts
short_description: Gather a complete account of kernel memory
version_added: 0.1.0
author: The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Reads the memory counters of the kernel on a Linux host and returns them as one account in which nothing is counted
    twice, and in which a value that is not known is null with a reason.
  - Nothing is written on the host and no setting is changed. Root is not needed.
extends_documentation_fragment:
  - fleetaudit.kernel_memory.attributes.facts
options:
  transport:
    description:
      - How the reading is brought from the host. The facts are the same.
      - V(lean) sends a small Python program over the connection and takes its answer in one round trip. It finds a
        Python
        from 2.7 up by itself (also C(platform-python)), so that it works on hosts which O(transport=module) no longer
        supports.
        What it costs against C(ansible.builtin.ping) is measured in the README.
      - V(module) runs the ordinary Ansible module. Choose it where endpoint security objects to code on standard input.
        As any module it makes a temporary file on the host, unless pipelining is on.
      - V(shell) sends a shell program instead, for hosts without Python. It needs C(awk) and the usual small tools;
        busybox has them.
      - V(auto) takes V(lean), then V(shell) where the host has no Python, and V(module) where the task has C(async).
    type: str
    choices: [auto, lean, module, shell]
    default: auto
  proc_root:
    description:
      - Where the proc file system is. Give another folder to audit a saved copy (for example from an sos report).
      - An absolute path on the host.
    type: str
    default: /proc
  sys_root:
    description:
      - Where the sys file system is. An absolute path on the host.
    type: str
    default: /sys
  gather_subset:
    description:
      - What is gathered beyond the counters, to say whose the memory is. A name with V(!) before it is left out.
      - V(default) is V(cgroups), V(numa), V(objects), V(pressure) and, where the host has so much of it that someone
        will ask, V(slab) and V(processes); of a saved copy these in any case, and V(vmalloc). A subset named by itself
        is always gathered. V(all) is every subset, V(min) is none.
      - V(slab) names the biggest slab caches. It needs root, and is gathered from 256 MiB and 5 % of RAM of slab on.
      - V(processes) names the processes with most page tables and most threads. It is gathered from 256 MiB and 1 % of
        RAM
        of page tables, or 5,000 threads, on. No command line, environment or memory map is read.
      - V(cgroups) names the cgroups with most kernel memory, in two levels. V(numa) splits the counters by node.
      - V(limits) counts System V objects, keys, packet sockets, mounts and threads of the top control groups, against
        their limits. V(descriptors) walks the open descriptors of all processes, for what holds memory that no counter
        names; it needs root.
      - V(pressure) is memory pressure and fragmentation. V(objects) counts dentries, inodes, open files, sockets and
        connections.
      - V(vmalloc) names the code that holds vmalloc memory. It needs root, and its cost grows with the number of
        threads.
      - V(allocinfo) names the code that holds any memory. It needs root and a kernel with memory allocation profiling.
    type: list
    elements: str
    default: [default]
  deadline:
    description:
      - Seconds after which the collector stops by itself, from 1 to 300. What it could not read by then is named in the
        facts.
    type: int
    default: 5
  return_reading:
    description:
      - Return what the collector read, too, as RV(reading); with C(async), in place of the facts.
      - Attach it to a bug report, so that the account can be made anew.
    type: bool
    default: false
  run_id:
    description:
      - Name of the run that this gathering belongs to, as returned by M(fleetaudit.kernel_memory.kernel_memory_plan).
      - Required with O(spool).
    type: str
  spool:
    description:
      - A file on the controller to which one line is appended for this host, for
        M(fleetaudit.kernel_memory.kernel_memory_report) to read. A line is written for an unreachable or failed host,
        too.
      - With a spool the facts themselves are not returned, so that they don't burden every later task of a big fleet.
      - Can't be combined with C(async), C(loop) or C(delegate_to).
    type: path
  audit_environment:
    description:
      - The environment by whose limits the host is judged, if it is not to be taken from the inventory groups.
    type: str
notes:
  - Part of the work is done on the controller by the action plugin of the same name.
  - A container that shares its host's kernel is gathered, and marked as not auditable.
seealso:
  - module: fleetaudit.kernel_memory.kernel_memory_plan
  - module: fleetaudit.kernel_memory.kernel_memory_report
  - plugin: fleetaudit.kernel_memory.classify
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Gather kernel memory
  fleetaudit.kernel_memory.kernel_memory_facts:

- name: Show what can't be given back
  ansible.builtin.debug:
    msg: "{{ ansible_facts.kernel_memory.kernel_unreclaimable_bytes | fleetaudit.kernel_memory.human_bytes }}"

- name: Gather everything, as root
  fleetaudit.kernel_memory.kernel_memory_facts:
    gather_subset: [all]
  become: true

- name: Account for a saved copy of /proc
  fleetaudit.kernel_memory.kernel_memory_facts:
    proc_root: /srv/crash/2026-11-24/proc
    sys_root: /srv/crash/2026-11-24/sys
"""

RETURN = r"""
ansible_facts:
  description: The account. Not returned with O(spool).
  returned: success, without O(spool)
  type: dict
  contains:
    kernel_memory:
      description: Kernel memory of this host.
      type: dict
      returned: success
      contains:
        schema_version:
          description: >-
            Version of this structure. Version 2 added C(saved), C(unavailable_class), C(contradictions), C(limits),
            C(modules), C(huge_pages), C(owners), the memory of sockets as a dimension, and parts of C(attribution).
          type: int
          returned: success
          sample: 2
        collected_at:
          description: When the host was read, by the host's clock, in UTC. Null where a saved copy does not say.
          type: str
          returned: success
          sample: "2026-11-24T12:00:00Z"
        saved:
          description: Whether this is a saved copy of C(/proc). Its C(collected_at) is then the time of the copy.
          type: bool
          returned: success
          sample: false
        duration_ms:
          description: Milliseconds that the collector took on the host.
          type: int
          returned: success
          sample: 4
        transport:
          description: How the reading was brought.
          type: str
          returned: success
          sample: lean
        transport_reason:
          description: Why O(transport=auto) did not take its first choice. Null where it did, and where the transport
            was given.
          type: str
          returned: success
          sample: No Python was found on the host; looked for /usr/bin/python3, python3.
        run_id:
          description: The run, or null.
          type: str
          returned: success
          sample: "20261124T120000Z-5f0c2a"
        host:
          description: Who the host is. What is null has its reason in RV(ansible_facts.kernel_memory.unavailable).
          type: dict
          returned: success
          contains:
            boot_id:
              description: Id of this boot, new with each boot. Two inventory names with one boot id share a kernel.
                Null where it can't be read.
              type: str
              returned: success
              sample: "40860cda-7ef9-4d56-92fa-2d1fb727912a"
            machine_id:
              description: Content of C(/etc/machine-id). Null where there is none, as in many containers.
              type: str
              returned: success
              sample: "3d1219c7c4c5404aaa1f6d2a48adfda4"
            uptime_seconds:
              description: Seconds since boot. Null where C(/proc/uptime) can't be read.
              type: int
              returned: success
              sample: 86400
            booted_at:
              description: When this kernel was started, in UTC. Null where uptime or time of the reading is not known.
              type: str
              returned: success
              sample: "2026-11-23T12:00:00Z"
            kernel_release:
              description: The kernel as C(uname -r) has it. Null where a saved copy does not say.
              type: str
              returned: success
              sample: "6.12.118+deb13-cloud-amd64"
            kernel_command_line:
              description: >-
                The boot parameters, at most 512 characters, without what is for the first process. Values that look
                like secrets are C(...). Null where there are none, or a saved copy does not have them.
              type: str
              returned: success
              sample: root=UUID=0a3407de-014b-458b-b5c1-848e92a327a3 ro quiet psi=1
            architecture:
              description: The architecture as C(uname -m) has it. Null where it does not follow from a saved copy.
              type: str
              returned: success
              sample: x86_64
            page_size_bytes:
              description: Bytes of a page. Null where it does not follow from a saved copy.
              type: int
              returned: success
              sample: 4096
            cpus_possible:
              description: CPUs that this kernel keeps room for; per-CPU memory grows with it. Null where it can't be
                read.
              type: int
              returned: success
              sample: 8
            cpus_online:
              description: CPUs that run. Null where it can't be read.
              type: int
              returned: success
              sample: 8
            memory_total_bytes:
              description: MemTotal in bytes, never null.
              type: int
              returned: success
              sample: 25276063744
            memory_available_bytes:
              description: MemAvailable in bytes. Where the kernel does not tell it (before 3.14) or tells it wrongly,
                an estimate of free memory and the pages of files. Null where neither is known.
              type: int
              returned: success
              sample: 19327352832
            memory_available_estimated:
              description: Whether RV(ansible_facts.kernel_memory.host.memory_available_bytes) is that estimate.
              type: bool
              returned: success
              sample: false
            memory_low_total_bytes:
              description: LowTotal in bytes. Null on hosts without high memory, which are all 64-bit ones.
              type: int
              returned: success
            vmalloc_total_bytes:
              description: VmallocTotal in bytes, the address space that vmalloc memory has to fit in. Null where it is
                2 GiB or more, as on all 64-bit kernels.
              type: int
              returned: success
            threads:
              description: Threads of the whole host. Null where C(/proc/loadavg) can't be read.
              type: int
              returned: success
              sample: 5535
            threads_limit:
              description: The lower of threads-max and pid_max. Null where neither can be read.
              type: int
              returned: success
              sample: 32768
            cgroups:
              description: Memory control groups, the root and dying ones included. Null where the kernel does not say.
              type: int
              returned: success
              sample: 41
            cgroups_living:
              description: Control groups that exist, the root included. Null with version 1, which does not tell.
              type: int
              returned: success
              sample: 39
            cgroups_dying:
              description: Control groups that were removed and still hold memory. Null with version 1.
              type: int
              returned: success
              sample: 2
        platform:
          description: Whether this is a physical server, a virtual machine or a container, with the evidence; whether
            it can be audited.
          type: dict
          returned: success
          contains:
            kind:
              description: V(physical), V(vm), V(container) or V(unknown).
              type: str
              returned: success
              sample: vm
            auditable:
              description: Whether the counters are those of a kernel of this host's own.
              type: bool
              returned: success
              sample: true
            reason:
              description: Why it is not auditable. Null where it is.
              type: str
              returned: success
            container_host:
              description: Whether containers run here. Null where nothing says.
              type: bool
              returned: success
              sample: false
            kubernetes_node:
              description: Whether this is a node of Kubernetes. Null where nothing says.
              type: bool
              returned: success
              sample: false
            evidence:
              description: What these answers rest on.
              type: list
              elements: str
              returned: success
              sample: [cpuinfo has the hypervisor flag]
        dimensions:
          description: >-
            Bytes by kind of kernel memory. Null where the kernel does not say, with the reason in
            RV(ansible_facts.kernel_memory.unavailable).
            All but C(unaccounted_bytes) add up to RV(ansible_facts.kernel_memory.kernel_total_bytes).
          type: dict
          returned: success
          contains:
            slab_reclaimable_bytes:
              description: >-
                SReclaimable: caches that the kernel gives back when memory runs short.
              type: int
              returned: success
              sample: 669974528
            slab_unreclaimable_bytes:
              description: >-
                SUnreclaim: kernel objects that stay as long as they are used.
              type: int
              returned: success
              sample: 393048064
            vmalloc_bytes:
              description: VmallocUsed without the kernel stacks in it. Null on kernels where it counts address space or
                nothing (before 5.3).
              type: int
              returned: success
              sample: 4313088
            kernel_stack_bytes:
              description: >-
                KernelStack: one stack a thread.
              type: int
              returned: success
              sample: 90488832
            page_tables_bytes:
              description: >-
                PageTables: the maps from virtual to physical memory.
              type: int
              returned: success
              sample: 472637440
            secondary_page_tables_bytes:
              description: >-
                SecPageTables: the same for virtual machines and devices. 0 on kernels before 6.1, which have no such
                line.
              type: int
              returned: success
              sample: 0
            percpu_bytes:
              description: >-
                Percpu: data kept once for each possible CPU. Null on older kernels.
              type: int
              returned: success
              sample: 1024000
            socket_buffers_bytes:
              description: >-
                Packets that wait in TCP and UDP sockets, as the kernel counts them. Part of them may be in slabs, see
                RV(ansible_facts.kernel_memory.accounting.sockets_in_slab_bytes).
              type: int
              returned: success
              sample: 2129920
            misc_bytes:
              description: KReclaimable beyond SReclaimable, Quicklists and ShadowCallStack; 0 where there is none.
              type: int
              returned: success
              sample: 0
            unaccounted_bytes:
              description: MemTotal less everything that has a name, an estimate that may be a little below 0. Not part
                of the sums.
              type: int
              returned: success
              sample: 20971520
        kernel_total_bytes:
          description: The sum of the dimensions in bytes, each counted once. Null where it can't be made.
          type: int
          returned: success
          sample: 1631485952
        kernel_unreclaimable_bytes:
          description: The sum less what the kernel gives back under pressure, in bytes. The number that is graded. Null
            where it can't be made.
          type: int
          returned: success
          sample: 961511424
        accounting:
          description: How sure the sums are, and what they are made of.
          type: dict
          returned: success
          contains:
            bound:
              description: >-
                How sure the sums are: V(exact), V(lower) (something is missing, so it is at least this) or V(estimate)
                (an assumption was
                needed).
              type: str
              returned: success
              sample: exact
            reasons:
              description: Why they are not exact, and what else to know. Empty where there is nothing to say.
              type: list
              elements: str
              returned: success
              sample: []
            vmalloc_meaning:
              description: >-
                What VmallocUsed is on this kernel: V(pages), V(area) (address space, which is no memory) or
                V(unavailable).
              type: str
              returned: success
              sample: pages
            stacks_in_vmalloc:
              description: Whether kernel stacks are inside VmallocUsed. Null where that is not known.
              type: bool
              returned: success
              sample: true
            unaccounted_band_bytes:
              description: How far C(unaccounted_bytes) can be off, in bytes, either way. Null where it is not known.
              type: int
              returned: success
              sample: 134217728
            sockets_in_slab_bytes:
              description: >-
                The part of the memory of sockets that is not outside of slab, in bytes. The totals count it once. Null
                where sockets are not counted.
              type: int
              returned: success
              sample: 0
            terms:
              description: >-
                Bytes of every term: MemTotal is their sum and C(unaccounted_bytes). Empty where the sum can't be made.
              type: dict
              returned: success
              contains:
                free_bytes:
                  description: MemFree.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                active_anon_bytes:
                  description: Active(anon).
                  type: int
                  returned: where this host has it
                  sample: 1048576
                inactive_anon_bytes:
                  description: Inactive(anon).
                  type: int
                  returned: where this host has it
                  sample: 1048576
                active_file_bytes:
                  description: Active(file).
                  type: int
                  returned: where this host has it
                  sample: 1048576
                inactive_file_bytes:
                  description: Inactive(file).
                  type: int
                  returned: where this host has it
                  sample: 1048576
                unevictable_bytes:
                  description: Unevictable.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                anon_pages_bytes:
                  description: AnonPages, on kernels without the lists above.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                page_cache_bytes:
                  description: Cached, on kernels without the lists above.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                buffers_bytes:
                  description: Buffers, on kernels without the lists above.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                swap_cached_bytes:
                  description: SwapCached, on kernels without the lists above.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                active_bytes:
                  description: Active, on kernels with nothing finer.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                inactive_bytes:
                  description: Inactive, on kernels with nothing finer.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                slab_reclaimable_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                slab_unreclaimable_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                slab_bytes:
                  description: Slab, which is the sum of the two above.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                vmalloc_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                kernel_stack_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                page_tables_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                secondary_page_tables_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                percpu_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                misc_bytes:
                  description: The dimension of the same name, where it is known.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                bounce_bytes:
                  description: Bounce, where it is not 0.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                writeback_temporary_bytes:
                  description: WritebackTmp, where it is not 0.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                hugetlb_bytes:
                  description: Huge pages of all sizes.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                zspages_bytes:
                  description: Memory of zram and zswap.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                pcp_free_bytes:
                  description: Free pages on the lists of single CPUs.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                isolated_bytes:
                  description: Pages on their way between the lists.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                memmap_bytes:
                  description: Descriptors of pages that count as used memory (6.10 and later).
                  type: int
                  returned: where this host has it
                  sample: 1048576
                balloon_bytes:
                  description: What a balloon has taken, where the kernel says.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                unaccepted_bytes:
                  description: Memory that a confidential guest has not accepted yet.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                gpu_bytes:
                  description: Memory of GPUs, where the kernel says (7.x).
                  type: int
                  returned: where this host has it
                  sample: 1048576
                zfs_arc_scatter_bytes:
                  description: The part of the ZFS ARC that is not slab.
                  type: int
                  returned: where this host has it
                  sample: 1048576
                socket_buffers_bytes:
                  description: Memory of sockets outside of slab.
                  type: int
                  returned: where this host has it
                  sample: 1048576
            holders:
              description: >-
                Possible holders of memory that no counter names, and what was measured of each; what is inside MemTotal
                is a term already. Often empty.
              type: list
              elements: dict
              returned: success
              contains:
                name:
                  description: Driver, module or mechanism.
                  type: str
                  returned: where there is one
                  sample: virtio_balloon
                kind:
                  description: V(balloon), V(zfs), V(zram), V(gpu) or V(driver).
                  type: str
                  returned: where there is one
                  sample: balloon
                bytes:
                  description: What it holds, in bytes; 0 is an answer. Null where it can't be measured.
                  type: int
                  returned: where there is one
                how:
                  description: Which counter says so. Null where none does.
                  type: str
                  returned: where there is one
                  sample: "meminfo: Balloon"
                reason:
                  description: Why it can't be measured. Null where it was.
                  type: str
                  returned: where there is one
                plausible_bytes:
                  description: The most that such a holder plausibly takes, in bytes. Null where it was measured.
                  type: int
                  returned: where there is one
                explanation:
                  description: What that means, in a sentence.
                  type: str
                  returned: where there is one
                  sample: "The host's hypervisor has taken this memory back."
            unknown_fields:
              description: Lines of meminfo that this version does not know, for a bug report.
              type: list
              elements: str
              returned: success
              sample: []
        unavailable:
          description: >-
            For each dimension, sum or entry of C(host) that is null, why. Its keys are their names, those of dimensions
            without C(_bytes).
            Empty where nothing is null.
          type: dict
          returned: success
          sample: {percpu: "This kernel's meminfo has no line Percpu."}
        unavailable_class:
          description: >-
            For each name in RV(ansible_facts.kernel_memory.unavailable) which kind of absence it is.
            V(not_in_this_kernel) is excused, since kernels of that kind never tell it; V(not_readable) was refused or
            late; V(not_gathered) was not asked for, or is not in a saved copy; V(damaged) is there and no value;
            V(contradictory) is a value that can't be true.
          type: dict
          returned: success
          sample: {percpu: not_in_this_kernel}
        contradictions:
          description: >-
            Counters that can't be believed, since they are no numbers, larger than RAM, or not the sum of their parts.
            Often empty. None of them is used.
          type: list
          elements: dict
          returned: success
          contains:
            counter:
              description: The line of meminfo, or C(meminfo) for a copy in which lines are missing.
              type: str
              returned: where there is one
              sample: Inactive(file)
            class:
              description: V(damaged) or V(contradictory), as in RV(ansible_facts.kernel_memory.unavailable_class).
              type: str
              returned: where there is one
              sample: contradictory
            sentence:
              description: What is wrong with it.
              type: str
              returned: where there is one
              sample: Percpu is 120000 MiB, more than all RAM (64355 MiB).
            value:
              description: What it says, in bytes (huge pages in pages). Null where that is no number.
              type: int
              returned: where there is one
              sample: 23856427008
            against:
              description: What it was compared with, in the same unit. Null where it was compared with nothing.
              type: int
              returned: where there is one
              sample: 962560000
            taken:
              description: The sum that was taken in its place. Null where there is none.
              type: str
              returned: where there is one
              sample: AnonPages + Cached + Buffers + SwapCached
        limits:
          description: >-
            Objects of the kernel with a limit that stops work: threads always, the others where their files were asked
            for.
          type: list
          elements: dict
          returned: success
          contains:
            name:
              description: >-
                V(threads), V(files), V(conntrack), V(tcp_memory), V(udp_memory), V(keys), V(key_bytes), V(bpf_jit);
                with the subset C(limits) V(mounts), V(message_queues), V(shared_segments), V(semaphore_arrays),
                V(inotify_instances), and the threads of the top control groups.
              type: str
              returned: always
              sample: tcp_memory
            value:
              description: How many there are. Null where it is not known.
              type: int
              returned: always
              sample: 532480
            limit:
              description: How many there may be. Null where there is no limit, or none is known.
              type: int
              returned: always
              sample: 1180729344
            unit:
              description: What is counted.
              type: str
              returned: always
              sample: bytes
            reason:
              description: Why one of the two is null. Null where none is.
              type: str
              returned: always
        modules:
          description: The loaded modules.
          type: dict
          returned: success
          contains:
            count:
              description: How many there are. Null where C(/proc/modules) was not read.
              type: int
              returned: success
              sample: 92
            fingerprint:
              description: The same for the same names of modules, whatever their order. Null where they were not read.
              type: str
              returned: success
              sample: 0a3f5c19e02
            outside:
              description: Modules that are not of the kernel's own sources, or not signed; at most 20.
              type: list
              elements: dict
              returned: success
              contains:
                name:
                  description: The module.
                  type: str
                  returned: where there is one
                  sample: mmfs26
                flags:
                  description: Taint flags, C(P) for a licence that is not free, C(O) for built outside of the kernel's
                    tree, C(E) for not signed.
                  type: str
                  returned: where there is one
                  sample: POE
                bytes:
                  description: Its size in bytes. Null where it could not be read.
                  type: int
                  returned: where there is one
                  sample: 3014656
        huge_pages:
          description: Huge pages that were set aside. Bytes.
          type: dict
          returned: success
          contains:
            total_bytes:
              description: Of all sizes.
              type: int
              returned: success
              sample: 51539607552
            free_bytes:
              description: Those that nobody uses. Null where a size other than the default does not tell.
              type: int
              returned: success
              sample: 51539607552
            reserved_bytes:
              description: Those of the free ones that are promised to somebody. Null as above.
              type: int
              returned: success
              sample: 0
        owners:
          description: >-
            Who holds the kernel's memory, in short, to be compared with another time. Rows are kind, name, and bytes or
            number. Kinds are V(slab), V(vmalloc) and V(cgroup) with bytes, V(command_page_tables) with bytes,
            V(command_threads) and V(object) with a number, and V(modules) with the fingerprint as its name. What was
            not gathered has no row.
          type: list
          elements: list
          returned: success
          sample: [[slab, kmalloc-512, 52428800], [object, dentries, 9086], [modules, 0a3f5c19e02, 92]]
        attribution:
          description: >-
            Who uses it, by part. A part that nobody asked for is absent; one that was skipped, refused or cut has
            C(complete) false and a
            reason, and the rest only where there are data. Lists lose their last rows where the facts would be above 16
            KiB.
          type: dict
          returned: success
          contains:
            slab_caches:
              description: The largest caches of the slab, from slabinfo.
              type: dict
              returned: with the subset slab
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                caches_total:
                  description: Number of caches.
                  type: int
                  returned: where there are data
                  sample: 235
                table_bytes:
                  description: Bytes of all caches together.
                  type: int
                  returned: where there are data
                  sample: 1010827264
                outside_table_bytes:
                  description: What Slab has beyond that, mostly large kmalloc, in bytes. Null where it would be below 0
                    or Slab is not known.
                  type: int
                  returned: where there are data
                  sample: 52195328
                zfs_slab_bytes:
                  description: Bytes of all caches of ZFS (C(zio_*), C(dnode_t), C(arc_*) and so on), part of its ARC.
                  type: int
                  returned: where there are data
                  sample: 0
                caches:
                  description: At most 10, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    name:
                      description: Name of the cache.
                      type: str
                      returned: where there are data
                      sample: kmalloc-512
                    bytes:
                      description: Bytes of its slabs.
                      type: int
                      returned: where there are data
                      sample: 104857600
                    objects:
                      description: Objects that it has room for.
                      type: int
                      returned: where there are data
                      sample: 204800
                    objects_active:
                      description: Objects in use, those on the lists of single CPUs included.
                      type: int
                      returned: where there are data
                      sample: 201000
                    use_percent:
                      description: Objects in use, in percent. Null for an empty cache.
                      type: float
                      returned: where there are data
                      sample: 98.1
                    object_bytes:
                      description: Bytes of an object.
                      type: int
                      returned: where there are data
                      sample: 512
                    aliases:
                      description: Other caches that the kernel has merged into it, at most 8.
                      type: list
                      elements: str
                      returned: where there are data
                      sample: [eventpoll_pwq]
            vmalloc_callers:
              description: Kernel functions by what they allocated with vmalloc, from vmallocinfo.
              type: dict
              returned: with the subset vmalloc
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                total_bytes:
                  description: Bytes of all callers together.
                  type: int
                  returned: where there are data
                  sample: 94371840
                ioremap_bytes:
                  description: Bytes of address space mapped to devices, which is not memory.
                  type: int
                  returned: where there are data
                  sample: 8388608
                stack_bytes:
                  description: Bytes of kernel stacks.
                  type: int
                  returned: where there are data
                  sample: 90177536
                jit_bytes:
                  description: Bytes of compiled BPF programs and seccomp filters.
                  type: int
                  returned: where there are data
                  sample: 2097152
                callers:
                  description: At most 10, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    caller:
                      description: Function and, in brackets, module.
                      type: str
                      returned: where there are data
                      sample: bpf_prog_alloc_no_stats
                    bytes:
                      description: Bytes allocated.
                      type: int
                      returned: where there are data
                      sample: 1048576
                    areas:
                      description: Number of allocations.
                      type: int
                      returned: where there are data
                      sample: 40
            page_table_processes:
              description: The processes with the largest page tables.
              type: dict
              returned: with the subset processes
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                seen:
                  description: Processes that were looked at.
                  type: int
                  returned: where there are data
                  sample: 320
                total_bytes:
                  description: Bytes of all of them together.
                  type: int
                  returned: where there are data
                  sample: 460324864
                processes:
                  description: At most 5, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    pid:
                      description: Process id on the host.
                      type: int
                      returned: where there are data
                      sample: 4242
                    command:
                      description: Name of the program, at most 64 characters.
                      type: str
                      returned: where there are data
                      sample: java
                    bytes:
                      description: Bytes of its page tables.
                      type: int
                      returned: where there are data
                      sample: 12582912
                    cgroup:
                      description: Its control group. Null where it could not be read.
                      type: str
                      returned: where there are data
                      sample: /system.slice/docker-00000000.scope
                    container_id:
                      description: The 64 hexadecimal digits of its container, from the control group. Null outside of
                        containers.
                      type: str
                      returned: where there are data
            thread_processes:
              description: The processes with the most threads.
              type: dict
              returned: with the subset processes
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                seen:
                  description: Processes that were looked at.
                  type: int
                  returned: where there are data
                  sample: 320
                total:
                  description: Threads of all of them together.
                  type: int
                  returned: where there are data
                  sample: 5535
                processes:
                  description: At most 5, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    pid:
                      description: Process id on the host.
                      type: int
                      returned: where there are data
                      sample: 4242
                    command:
                      description: Name of the program, at most 64 characters.
                      type: str
                      returned: where there are data
                      sample: java
                    threads:
                      description: Its threads.
                      type: int
                      returned: where there are data
                      sample: 4096
                    cgroup:
                      description: Its control group. Null where it could not be read.
                      type: str
                      returned: where there are data
                      sample: /system.slice/docker-00000000.scope
                    container_id:
                      description: The 64 hexadecimal digits of its container, from the control group. Null outside of
                        containers.
                      type: str
                      returned: where there are data
            pinning_processes:
              description: The processes with the most pinned memory (VmPin), buffers of devices and of io_uring.
              type: dict
              returned: with the subset processes
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                seen:
                  description: Processes that were looked at.
                  type: int
                  returned: where there are data
                  sample: 320
                total_bytes:
                  description: Bytes that are pinned for all of them.
                  type: int
                  returned: where there are data
                  sample: 4194304
                processes:
                  description: At most 5, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    pid:
                      description: Process id on the host.
                      type: int
                      returned: where there are data
                      sample: 4242
                    command:
                      description: Name of the program, at most 64 characters.
                      type: str
                      returned: where there are data
                      sample: java
                    bytes:
                      description: Its pinned memory in bytes.
                      type: int
                      returned: where there are data
                      sample: 4194304
                    cgroup:
                      description: Its control group. Null where it could not be read.
                      type: str
                      returned: where there are data
                      sample: /machine.slice
                    container_id:
                      description: The 64 hexadecimal digits of its container. Null outside of containers.
                      type: str
                      returned: where there are data
            commands:
              description: What all processes of a command have together.
              type: dict
              returned: with the subset processes
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                seen:
                  description: Processes that were looked at.
                  type: int
                  returned: where there are data
                  sample: 320
                commands:
                  description: The 5 commands with the most page tables and the 5 with the most threads.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    command:
                      description: Name of the program, at most 64 characters.
                      type: str
                      returned: where there are data
                      sample: python
                    processes:
                      description: How many they are.
                      type: int
                      returned: where there are data
                      sample: 600
                    page_table_bytes:
                      description: Bytes of their page tables.
                      type: int
                      returned: where there are data
                      sample: 314572800
                    threads:
                      description: Their threads.
                      type: int
                      returned: where there are data
                      sample: 600
                    pinned_bytes:
                      description: Bytes that are pinned for them.
                      type: int
                      returned: where there are data
                      sample: 0
            process_cgroups:
              description: What all processes of a control group have together.
              type: dict
              returned: with the subset processes
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                seen:
                  description: Processes that were looked at.
                  type: int
                  returned: where there are data
                  sample: 320
                cgroups:
                  description: The 5 groups with the most page tables and the 5 with the most threads.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    path:
                      description: The control group, the end of a long path.
                      type: str
                      returned: where there are data
                      sample: /kubepods
                    processes:
                      description: How many they are.
                      type: int
                      returned: where there are data
                      sample: 600
                    page_table_bytes:
                      description: Bytes of their page tables.
                      type: int
                      returned: where there are data
                      sample: 314572800
                    threads:
                      description: Their threads.
                      type: int
                      returned: where there are data
                      sample: 600
                    pinned_bytes:
                      description: Bytes that are pinned for them.
                      type: int
                      returned: where there are data
                      sample: 0
            cgroups:
              description: The control groups with the most kernel memory, two levels deep.
              type: dict
              returned: with the subset cgroups
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                version:
                  description: Version of control groups, 1 or 2.
                  type: int
                  returned: where there are data
                  sample: 2
                seen:
                  description: Groups that were read.
                  type: int
                  returned: where there are data
                  sample: 41
                dying:
                  description: Groups that were removed and still hold memory. Null where the kernel does not say
                    (always on version 1).
                  type: int
                  returned: where there are data
                  sample: 3
                living:
                  description: Groups that exist. Null where the kernel does not say (always on version 1).
                  type: int
                  returned: where there are data
                  sample: 720
                cgroups:
                  description: At most 8, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    path:
                      description: Path of the group below the mount point; of a long one its end.
                      type: str
                      returned: where there are data
                      sample: /system.slice/docker.service
                    kernel_bytes:
                      description: Kernel memory in bytes. Null on kernels without this sum (cgroup v2 before 5.18).
                      type: int
                      returned: where there are data
                      sample: 73400320
                    slab_reclaimable_bytes:
                      description: Reclaimable slab in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    slab_unreclaimable_bytes:
                      description: Unreclaimable slab in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    percpu_bytes:
                      description: Per-CPU memory in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    pagetables_bytes:
                      description: Page tables in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    sec_pagetables_bytes:
                      description: Secondary page tables in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    vmalloc_bytes:
                      description: Memory of vmalloc in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    kernel_stack_bytes:
                      description: Kernel stacks in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    sock_bytes:
                      description: Buffers of the network in bytes.
                      type: int
                      returned: where this kernel's memory.stat has it
                      sample: 1048576
                    descendants:
                      description: Groups within it.
                      type: int
                      returned: where the host has 500 groups and more
                      sample: 700
            ipc:
              description: What processes have the kernel keep, System V objects and packet sockets. Null where the host
                does not show it.
              type: dict
              returned: with the subset limits
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                message_queues:
                  description: System V message queues.
                  type: int
                  returned: where there are data
                  sample: 2
                messages:
                  description: Messages that wait in them.
                  type: int
                  returned: where there are data
                  sample: 11
                message_bytes:
                  description: Bytes of these messages.
                  type: int
                  returned: where there are data
                  sample: 81936
                message_owner_uid:
                  description: User id with most of them. Null where there are none.
                  type: int
                  returned: where there are data
                  sample: 1000
                shared_segments:
                  description: System V shared memory segments.
                  type: int
                  returned: where there are data
                  sample: 1
                shared_bytes:
                  description: Bytes of them that are in memory.
                  type: int
                  returned: where there are data
                  sample: 8192
                shared_unattached_bytes:
                  description: Bytes of those that no process has attached.
                  type: int
                  returned: where there are data
                  sample: 8192
                shared_owner_uid:
                  description: User id with most of them. Null where there are none.
                  type: int
                  returned: where there are data
                  sample: 26
                semaphore_arrays:
                  description: System V semaphore arrays.
                  type: int
                  returned: where there are data
                  sample: 3
                semaphores:
                  description: Semaphores in them.
                  type: int
                  returned: where there are data
                  sample: 51
                packet_sockets:
                  description: Packet sockets, whose rings no counter names.
                  type: int
                  returned: where there are data
                  sample: 2
                packet_owner_uid:
                  description: User id with most of them. Null where there are none.
                  type: int
                  returned: where there are data
                  sample: 0
            descriptors:
              description: Open descriptors that may hold memory which no counter names.
              type: dict
              returned: with the subset descriptors
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                pipes:
                  description: Different pipes.
                  type: int
                  returned: where there are data
                  sample: 60
                seen:
                  description: Processes that were looked at.
                  type: int
                  returned: where there are data
                  sample: 118
                rows:
                  description: At most 10, the most first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    command:
                      description: Name of the program, at most 64 characters.
                      type: str
                      returned: where there are data
                      sample: nginx
                    kind:
                      description: What they are, as the kernel names it, V(pipe), V(packet), V(perf_event), V(bpf-map),
                        V(io_uring), V(inotify).
                      type: str
                      returned: where there are data
                      sample: pipe
                    descriptors:
                      description: How many it has open.
                      type: int
                      returned: where there are data
                      sample: 120
            kernel_keys:
              description: The users with the most keys of the key rings.
              type: dict
              returned: with the subset limits
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                total:
                  description: Keys of all users that are shown.
                  type: int
                  returned: where there are data
                  sample: 95012
                users:
                  description: At most 5, the most first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    uid:
                      description: User id.
                      type: int
                      returned: where there are data
                      sample: 1000
                    count:
                      description: How many keys it has.
                      type: int
                      returned: where there are data
                      sample: 95001
                    bytes:
                      description: Bytes of them that count for the quota.
                      type: int
                      returned: where there are data
                      sample: 900
            numa_nodes:
              description: The memory of each NUMA node.
              type: dict
              returned: with the subset numa
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                nodes:
                  description: One entry a node.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    node:
                      description: Number of the node.
                      type: int
                      returned: where there are data
                      sample: 0
                    memory_total_bytes:
                      description: Its memory in bytes. This and each number below is null where the kernel does not
                        say.
                      type: int
                      returned: where there are data
                      sample: 25276063744
                    memory_free_bytes:
                      description: Free memory in bytes.
                      type: int
                      returned: where there are data
                      sample: 3221225472
                    kernel_stack_bytes:
                      description: Kernel stacks in bytes.
                      type: int
                      returned: where there are data
                      sample: 90488832
                    page_tables_bytes:
                      description: Page tables in bytes.
                      type: int
                      returned: where there are data
                      sample: 472637440
                    secondary_page_tables_bytes:
                      description: Secondary page tables in bytes.
                      type: int
                      returned: where there are data
                      sample: 0
                    slab_reclaimable_bytes:
                      description: Reclaimable slab in bytes.
                      type: int
                      returned: where there are data
                      sample: 669974528
                    slab_unreclaimable_bytes:
                      description: Unreclaimable slab in bytes.
                      type: int
                      returned: where there are data
                      sample: 393048064
            pressure:
              description: How long tasks waited for memory.
              type: dict
              returned: with the subset pressure
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                some_avg10:
                  description: Share of the last 10 seconds in which at least one task waited for memory, in percent.
                    Null without CONFIG_PSI.
                  type: float
                  returned: where there are data
                  sample: 0.0
                some_avg60:
                  description: Share of the last 60 seconds in which at least one task waited for memory, in percent.
                    Null without CONFIG_PSI.
                  type: float
                  returned: where there are data
                  sample: 0.0
                some_avg300:
                  description: Share of the last 300 seconds in which at least one task waited for memory, in percent.
                    Null without CONFIG_PSI.
                  type: float
                  returned: where there are data
                  sample: 0.0
                full_avg10:
                  description: Share of the last 10 seconds in which every task that could run waited for memory, in
                    percent. Null without CONFIG_PSI.
                  type: float
                  returned: where there are data
                  sample: 0.0
                full_avg60:
                  description: Share of the last 60 seconds in which every task that could run waited for memory, in
                    percent. Null without CONFIG_PSI.
                  type: float
                  returned: where there are data
                  sample: 0.0
                full_avg300:
                  description: >-
                    Share of the last 300 seconds in which every task that could run waited for memory, in percent. Null
                    without CONFIG_PSI.
                  type: float
                  returned: where there are data
                  sample: 0.0
                oom_kills:
                  description: Processes killed for want of memory since boot. Null before kernel 4.13.
                  type: int
                  returned: where there are data
                  sample: 0
            fragmentation:
              description: How the free memory of each zone is broken up.
              type: dict
              returned: with the subset pressure
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                zones:
                  description: One entry a zone.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    node:
                      description: Number of the NUMA node.
                      type: int
                      returned: where there are data
                      sample: 0
                    zone:
                      description: Name of the zone.
                      type: str
                      returned: where there are data
                      sample: Normal
                    free_bytes:
                      description: Free memory in bytes. Null where the page size is not known.
                      type: int
                      returned: where there are data
                      sample: 108007424
                    largest_free_order:
                      description: Order of the largest free block (a block has 2 to the power of the order pages). Null
                        where none is free.
                      type: int
                      returned: where there are data
                      sample: 10
                    unusable_percent:
                      description: Free memory in blocks below order 4, in percent. Null where none is free.
                      type: float
                      returned: where there are data
                      sample: 0.1
            objects:
              description: How many kernel objects there are, and the limits. Each number is null where the kernel does
                not say.
              type: dict
              returned: with the subset objects
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                dentries:
                  description: Names of files in the cache.
                  type: int
                  returned: where there are data
                  sample: 573830
                dentries_unused:
                  description: Those that nobody holds.
                  type: int
                  returned: where there are data
                  sample: 571667
                dentries_negative:
                  description: >-
                    Those of files that do not exist. Null on kernels before 5.0 unless the count is above 0, since they
                    have a constant 0 in
                    that place.
                  type: int
                  returned: where there are data
                  sample: 252301
                inodes:
                  description: Inodes.
                  type: int
                  returned: where there are data
                  sample: 321431
                inodes_free:
                  description: Inodes that nobody uses.
                  type: int
                  returned: where there are data
                  sample: 0
                files:
                  description: Open files.
                  type: int
                  returned: where there are data
                  sample: 2507
                files_limit:
                  description: Limit of open files. Null where it is practically none (above 2 to the power of 53).
                  type: int
                  returned: where there are data
                  sample: 2466174
                conntrack:
                  description: Connections that the firewall tracks. Null without nf_conntrack.
                  type: int
                  returned: where there are data
                  sample: 1200
                conntrack_limit:
                  description: Limit of tracked connections. Null without nf_conntrack.
                  type: int
                  returned: where there are data
                  sample: 262144
                sockets:
                  description: Sockets in use.
                  type: int
                  returned: where there are data
                  sample: 34
                tcp_bytes:
                  description: Buffers of TCP in bytes.
                  type: int
                  returned: where there are data
                  sample: 532480
                tcp_limit_bytes:
                  description: Limit of these buffers in bytes.
                  type: int
                  returned: where there are data
                  sample: 1189068800
                kernel_tainted:
                  description: The kernel's taint flags, 0 where it is not tainted.
                  type: int
                  returned: where there are data
                  sample: 0
            alloc_sites:
              description: Places in the kernel's source by the memory they hold, from allocinfo.
              type: dict
              returned: with the subset allocinfo
              contains:
                complete:
                  description: Whether nothing is missing.
                  type: bool
                  returned: with the part
                  sample: true
                reason:
                  description: Why the part is not complete, or why a number in it is null. Null where there is nothing
                    to say.
                  type: str
                  returned: with the part
                duration_ms:
                  description: Milliseconds it took on the host. Null where it was not measured.
                  type: int
                  returned: with the part
                  sample: 2
                sites_total:
                  description: Number of places.
                  type: int
                  returned: where there are data
                  sample: 5100
                total_bytes:
                  description: Bytes of all of them together.
                  type: int
                  returned: where there are data
                  sample: 1717986918
                sites:
                  description: At most 10, the largest first.
                  type: list
                  elements: dict
                  returned: where there are data
                  contains:
                    site:
                      description: File, line, module and function.
                      type: str
                      returned: where there are data
                      sample: "mm/slub.c:2424 func:alloc_slab_page"
                    bytes:
                      description: Bytes that it holds.
                      type: int
                      returned: where there are data
                      sample: 536870912
                    calls:
                      description: Allocations that make them up.
                      type: int
                      returned: where there are data
                      sample: 131072
reading:
  description: What the collector read on the host, before any of it was understood.
  returned: with O(return_reading=true), without O(spool)
  type: dict
  sample:
    format: 1
    files: {proc/loadavg: "0.00 0.01 0.05 1/123 4567"}
    errors: {proc/slabinfo: EACCES}
kernel_memory_row:
  description: A short row for the play's own output.
  returned: with O(spool)
  type: dict
  sample:
    outcome: facts
    transport: lean
    kernel_unreclaimable_bytes: 961511424
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.arguments import (
    check_facts_arguments,
    facts_argument_spec,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import is_saved, resolve_subsets


def facts_of(reading, run_id):
    # Imported here, since where the controller understands the reading the host need not compile this.
    from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts

    facts = build_facts(reading)
    facts["transport"] = "module"
    facts["transport_reason"] = None
    facts["run_id"] = run_id
    return {"kernel_memory": facts}


def main():
    module = AnsibleModule(argument_spec=facts_argument_spec(), supports_check_mode=True)
    try:
        check_facts_arguments(module.params)
        roots = (module.params["proc_root"], module.params["sys_root"])
        subsets = resolve_subsets(module.params["gather_subset"], is_saved(*roots))
        reading = read(roots[0], roots[1], module.params["deadline"], subsets, load)
        if module.params["return_reading"]:
            module.exit_json(changed=False, reading=reading)
        module.exit_json(changed=False, ansible_facts=facts_of(reading, module.params["run_id"]))
    except ValueError as exc:
        module.fail_json(msg=str(exc))


if __name__ == "__main__":
    main()
