/*
 * Part of holder.c, which includes it: the commands beside `run`. They look after what a holder has left or is making, or
 * at the machine. Each is over in milliseconds, and none has an agent.
 */
static int seal(const char *place) { return unseal("out.log") & unseal("err.log") ? 0 : usage(strerror(errno), place); }

/* The log's protection is lifted for as long as it takes; a living agent has it back, whoever died at this before. */
static int punch(const char *log, const char *end) {
    const char *name = !log ? NULL : !strcmp(log, "out") ? "out.log" : !strcmp(log, "err") ? "err.log" : NULL;
    off_t length = name && end ? number(end, 0, INT64_MAX) : -1;
    if (length < 0) return usage("Not out or err, and a length:", log ? log : "");
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), lock = openat(dir, "lock", O_RDONLY | O_CLOEXEC);
    bool ok = lock >= 0 && set_append_only(fd, false) && fchmod(fd, 0600) == 0;
    int hole = ok ? openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    length -= length % 4096; /* whole blocks */
    ok = hole >= 0 && (!length || fallocate(hole, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length) == 0);
    const char *error = strerrorname_np(errno);
    fchmod(fd, 0400), set_append_only(fd, lock >= 0);
    if (flock(lock, LOCK_SH | LOCK_NB) == 0) set_append_only(fd, false); /* nobody holds it, or not any more */
    return ok ? answer("ok\n", 0) : (dprintf(1, "failed %s punch\n", error), FAILED);
}

static int probe(const char *group) {
    opt.cgroup = group;
    int file = dir < 0 ? -1 : openat(dir, ".", O_TMPFILE | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    bool sealed = set_append_only(file, true) && ftruncate(file, 0) != 0 && set_append_only(file, false);
    bool entered = group && make_cgroup(group) && tell_cgroup("cgroup.procs", "0");
    bool joined = entered && tell_cgroup("../cgroup.procs", "0"); /* out again, or the next line would kill us */
    dprintf(1, "{\"version\":%d,\"subreaper\":%s,\"append_only\":%s,\"pidfd\":%s,\"pty\":%s,"
               "\"cgroup\":{\"writable\":%s,\"kill\":%s,\"freeze\":%s}}\n",
            VERSION, json(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0), json(sealed),
            json(syscall(SYS_pidfd_open, self, 0) >= 0), json(open_terminal() >= 0), json(joined),
            json(joined && tell_cgroup("cgroup.kill", "1")), json(joined && tell_cgroup("cgroup.freeze", "0")));
    return clean_up(), 0;
}
