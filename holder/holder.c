/*
 * holder: owns one agent, its whole tree, its files and its exit status, so that the server may come and go.
 *
 *   holder run DIR [options] < spec   start the agent that the spec describes, and live as long as it does
 *   holder seal DIR                   lift the append-only attribute of the logs (their holder has gone)
 *   holder punch DIR out|err LENGTH   give back the disk space of a log's first bytes; its size and offsets stay
 *   holder probe [DIR [CGROUP]]       print, as JSON, what this machine allows (and DIR's file system, and CGROUP)
 *
 * options --mode pipe|pty --stdin none|oneshot|stream --cwd DIR --cgroup PATH --[leftover-]grace-ms N
 *         --terminal cooked|stdout --rows N --cols N
 * run and punch print one line: "ok", "failed ERRNO STAGE" or, where DIR has had its start, "locked" or "started".
 * Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 broken spec (nothing was started or left behind).
 * The order in run() makes a start happen at most once: lock, pid file, exec. No pid file: the agent has never
 * executed. The agent writes its logs itself; we only carry its stdin and, in pty mode, its terminal (carry.c).
 * One translation unit in three files: `cc holder.c` is the whole build (docs/adr/0015).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION 2 /* of the process directory's layout; and the oldest layout whose reader understands it */
#define READS 2
#endif

enum { TURNS = 16, SWEEP_MS = 1000, SPEC_MAX = 16 << 20, FAILED = 1, USAGE = 2, REFUSED = 3, BROKEN_SPEC = 4 };

static struct { bool pty, only_stdout, oneshot, stream; const char *cwd, *cgroup; long grace, leftover_grace, rows, cols; }
    opt = {.grace = 5000, .leftover_grace = 1000, .rows = 50, .cols = 200};

static pid_t self;
static int null = -1, dir = -1, cgroup = -1; /* /dev/null; directories: the process's, and its cgroup's if it has one */

static long now_ms(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A whole decimal number between min and max, else -1. */
static long number(const char *text, long min, long max) {
    char *end;
    long value = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && value >= min && value <= max ? value : -1;
}

/* -- files ------------------------------------------------------------------------------------------------------ */
static bool read_text(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, text, size - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return n > 0;
}

static bool write_text(int at, const char *path, int flags, const char *text) {
    int fd = openat(at, path, O_WRONLY | O_CLOEXEC | flags, 0600);
    if (fd < 0) return false;
    errno = ENOSPC; /* what a short write means, which sets no errno itself */
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text) && (!(flags & O_CREAT) || fsync(fd) == 0);
    close(fd);
    return ok;
}

/* A file that is there whole or not at all, whatever happens to us or to the machine. */
static bool save(const char *name, const char *temp, const char *text) {
    return write_text(dir, temp, O_CREAT | O_TRUNC, text) && renameat(dir, temp, dir, name) == 0 && fsync(dir) == 0;
}
static bool exists(const char *name) { return faccessat(dir, name, F_OK, 0) == 0; }

/* Mode 0400 does not bind root: only this attribute keeps `> /dev/stdout` from truncating the log. */
static bool set_append_only(int fd, bool on) {
    int flags;
    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0) return !on;
    if (!(flags & FS_APPEND_FL) == !on) return true;
    flags ^= FS_APPEND_FL;
    return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static bool unseal(const char *name) {
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd < 0 ? errno == ENOENT : set_append_only(fd, false);
    close(fd);
    return ok;
}

/* -- the tree --------------------------------------------------------------------------------------------------- */
struct process { int pid, parent, threads; char state; unsigned long long start; };

static bool inspect(int pid, struct process *p) {
    char path[32], text[1024];
    const char fields[] = ") %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d %*d %llu";
    snprintf(path, sizeof path, "/proc/%d/stat", p->pid = pid);
    char *after_name = read_text(path, text, sizeof text) ? strrchr(text, ')') : NULL; /* it may hold blanks and ")" */
    return after_name && sscanf(after_name, fields, &p->state, &p->parent, &p->threads, &p->start) == 4;
}

/* Everything below us. Orphans come to us (we are a subreaper), so neither setsid nor a double fork leads out. */
static size_t descendants(struct process **found) {
    struct process *all = NULL, p;
    size_t count = 0, room = 0, ours = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        long pid = number(entry->d_name, 1, INT32_MAX);
        if (pid < 0 || !inspect((int)pid, &p)) continue;
        void *more = count < room ? all : realloc(all, (room = room * 2 + 256) * sizeof p);
        if (!more) break;
        (all = more)[count++] = p;
    }
    if (proc) closedir(proc);
    int parent = self;
    for (size_t next = 0; next <= ours && count; parent = all[next++].pid) /* family by family, to the front */
        for (size_t i = ours; i < count; i++)
            if (all[i].parent == parent) p = all[i], all[i] = all[ours], all[ours++] = p;
    *found = all;
    return ours;
}

/* The pidfd is opened before the identities are compared, so that a recycled pid can never be hit. */
static void send_signal(const struct process *p, int sig) {
    int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    struct process now;
    bool old_kernel = fd < 0 && errno == ENOSYS, same = inspect(p->pid, &now) && now.start == p->start;
    if (same && fd >= 0) syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
    if (same && old_kernel) kill(p->pid, sig);
    close(fd);
}

/* Signals the whole tree (0: nobody); says how many of it were alive and, in *moving, how many could still fork. */
static long signal_tree(int sig, long *moving) {
    struct process *tree;
    size_t count = descendants(&tree);
    long alive = 0, able = 0;
    for (struct process *p = tree; p < tree + count; p++) {
        alive += p->state != 'X' && (p->state != 'Z' || p->threads > 1); /* or only its first thread has ended */
        able += p->state == 'R' || p->state == 'S';
        if (sig) send_signal(p, sig);
    }
    free(tree);
    if (moving) *moving = able;
    return alive;
}

/* Again until nobody moves. The bound keeps a fork bomb from holding up the loop; the killing phase comes back. */
static void stop_tree(void) {
    long moving = 1;
    for (int round = 0; moving && round < 32; round++) signal_tree(SIGSTOP, &moving);
}

static bool tell_cgroup(const char *file, const char *word) { return cgroup >= 0 && write_text(cgroup, file, 0, word); }
static void freeze(void) { if (!tell_cgroup("cgroup.freeze", "1")) stop_tree(); }
static void thaw(void) { if (!tell_cgroup("cgroup.freeze", "0")) signal_tree(SIGCONT, NULL); }

static bool make_cgroup(const char *path) {
    mkdir(path, 0755); /* what does not work shows in the next line */
    return (cgroup = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) >= 0;
}

static void clean_up(void) {
    unseal("out.log"), unseal("err.log");
    for (int i = 0; opt.cgroup && i < 50 && rmdir(opt.cgroup) != 0 && errno == EBUSY; i++)
        poll(NULL, 0, 2); /* a dead task may leave its group a moment after it was reaped */
}

/* -- the agent: what the server learns of it, and its launch ---------------------------------------------------- */
static struct { int pid, status; bool gone, childless, stop_requested, expired; long left, reaped; } agent;
static const char *json(bool value) { return value ? "true" : "false"; }

static bool save_pid(bool append_only) {
    struct process us, them;
    char boot[64], text[PATH_MAX + 512];
    const char *quote = opt.cgroup ? "\"" : "";
    if (!read_text("/proc/sys/kernel/random/boot_id", boot, sizeof boot)) return false;
    if (!inspect(self, &us) || !inspect(agent.pid, &them)) return false;
    snprintf(text, sizeof text,
             "{\"version\":%d,\"reads\":%d,\"holder\":{\"pid\":%d,\"start\":%llu},\"agent\":{\"pid\":%d,"
             "\"start\":%llu},\"boot\":\"%.36s\",\"append_only\":%s,\"cgroup\":%s%s%s}\n",
             VERSION, READS, us.pid, us.start, them.pid, them.start, boot, json(append_only), quote,
             opt.cgroup ? opt.cgroup : "null", quote);
    return save("pid", "pid.tmp", text);
}

static bool save_exit(void) {
    char text[512], code[16] = "null", signal[24] = "null";
    int sig = WIFSIGNALED(agent.status) ? WTERMSIG(agent.status) : 0;
    if (sig) snprintf(signal, sizeof signal, "\"SIG%s\"", sigabbrev_np(sig) ? sigabbrev_np(sig) : "RT");
    else snprintf(code, sizeof code, "%d", WEXITSTATUS(agent.status));
    snprintf(text, sizeof text,
             "{\"version\":%d,\"reads\":%d,\"code\":%s,\"signal\":%s,\"core\":%s,\"left\":%ld,\"reaped\":%ld,"
             "\"stopped\":%s,\"expired\":%s,\"at_ms\":%ld}\n",
             VERSION, READS, code, signal, json(sig && WCOREDUMP(agent.status)), agent.left, agent.reaped,
             json(agent.stop_requested), json(agent.expired), now_ms(CLOCK_REALTIME));
    return save("exit", "exit.tmp", text);
}

/* The one line that the server waits for. After it we let go of its pipes: it may die without our noticing. */
static int answer(const char *line, int status) {
    (void)!write(1, line, strlen(line));
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    return status;
}

static int fail(const char *stage) {
    const char *error = strerrorname_np(errno);
    char line[64], text[160];
    if (agent.pid > 0) kill(agent.pid, SIGKILL), waitpid(agent.pid, NULL, 0); /* it has not become the agent */
    clean_up();
    snprintf(text, sizeof text, "{\"version\":%d,\"reads\":%d,\"error\":\"%s\",\"stage\":\"%s\",\"at_ms\":%ld}\n",
             VERSION, READS, error, stage, now_ms(CLOCK_REALTIME));
    save("exit", "exit.tmp", text);
    snprintf(line, sizeof line, "failed %s %s\n", error, stage);
    return answer(line, FAILED);
}

static struct { char *text, **words, **argv, **env; size_t size; } spec;

/* NUL-terminated words: argc, argv, envc, env, "end". The trailer tells a whole spec from one whose writer died: no
 * agent may start with half its environment. The words after the two lists become the NULLs that end them. */
static bool read_spec(void) {
    size_t room = 0, words = 0;
    for (ssize_t n = 1; n > 0; spec.size += (size_t)n) {
        bool full = spec.size == room;
        if (full && (room >= SPEC_MAX || !(spec.text = realloc(spec.text, room = room * 2 + (64 << 10))))) return false;
        if ((n = read(0, spec.text + spec.size, room - spec.size)) < 0) return false;
    }
    if (!spec.size || spec.text[spec.size - 1] || !(spec.words = calloc(spec.size, sizeof *spec.words))) return false;
    for (char *at = spec.text; at < spec.text + spec.size; at += strlen(at) + 1) spec.words[words++] = at;
    long argc = number(spec.words[0], 1, (long)words - 3);
    if (argc < 0) return false;
    spec.argv = spec.words + 1;
    spec.env = spec.argv + argc + 1;
    long envc = number(spec.env[-1], 0, (long)words - argc - 3);
    if (envc != (long)words - argc - 3 || strcmp(spec.env[envc], "end")) return false;
    spec.env[-1] = spec.env[envc] = NULL;
    for (char **e = spec.env; *e; e++)
        if (**e == '=' || !strchr(*e, '=')) return false;
    return spec.argv[0][0] == '/';
}

static mode_t agent_umask;
static char agent_oom_score[16];
static struct { int error; const char *stage; } report = {0, "cgroup"}; /* literals: the child's pointer is ours */

/* Born in its cgroup, where the kernel can do that: moving it there takes 14 ms. */
static pid_t fork_agent(void) {
    struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
    pid_t pid = cgroup < 0 ? -1 : (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (pid < 0 && (pid = fork()) == 0 && cgroup >= 0 && !tell_cgroup("cgroup.procs", "0")) report.error = errno;
    return pid;
}

/* The child's side of the fork: waits for the word, then becomes the agent or reports why it cannot. */
static _Noreturn void become_agent(int line, const int fds[3]) {
    char word;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(FAILED); /* the holder was gone before the line above */
    setsid();
    for (int sig = 1; sig < NSIG; sig++) signal(sig, SIG_DFL);
    sigprocmask(SIG_SETMASK, &(sigset_t){0}, NULL);
    if (read(line, &word, 1) != 1) _exit(FAILED);
    if ((errno = report.error)) goto cannot;
    report.stage = "pty";
    if (opt.pty && ioctl(fds[1], TIOCSCTTY, 0) != 0) goto cannot;
    report.stage = "chdir";
    if (opt.cwd && chdir(opt.cwd) != 0) goto cannot;
    report.stage = "exec";
    umask(agent_umask);
    write_text(AT_FDCWD, "/proc/self/oom_score_adj", 0, agent_oom_score);
    for (int fd = 0; fd < 3; fd++) dup2(fds[fd], fd); /* everything else is close-on-exec */
    execve(spec.argv[0], spec.argv, spec.env);
cannot:
    report.error = errno;
    (void)!write(line, &report, sizeof report);
    _exit(FAILED);
}

#include "carry.c"

/* -- stop, and the loop ----------------------------------------------------------------------------------------- */
static enum { RUNNING, TERMINATING, KILLING } phase;
static long deadline, next_kill, kill_pause = 4, expiry; /* expiry: when to stop although nobody says so; 0: never */

/* All stand still while TERM is handed out, so that no parent sees a child go and starts another. */
static void terminate(long grace) {
    long until = now_ms(CLOCK_MONOTONIC) + grace;
    if (phase == RUNNING || until < deadline) deadline = until; /* a second stop can only shorten the first */
    if (phase != RUNNING) return;
    phase = TERMINATING;
    if (grace == 0) return;
    freeze();
    signal_tree(SIGTERM, NULL);
    tell_cgroup("cgroup.freeze", "0");
    signal_tree(SIGCONT, NULL); /* also those that had been stopped before: they could not act on TERM */
}

/* Moves a stop on; returns how long it can wait. */
static int advance(void) {
    long now = now_ms(CLOCK_MONOTONIC);
    if (agent.gone && phase == RUNNING) terminate(opt.leftover_grace);
    if (phase == TERMINATING && now >= deadline) phase = KILLING;
    if (phase == KILLING && now >= next_kill) {
        tell_cgroup("cgroup.kill", "1");
        stop_tree(); /* a tree that forks faster than we kill is first made to stand still */
        signal_tree(SIGKILL, NULL);
        next_kill = now_ms(CLOCK_MONOTONIC) + kill_pause;
        if (kill_pause < SWEEP_MS / 4) kill_pause *= 2;
    }
    long next = phase == RUNNING ? expiry ? expiry : now + SWEEP_MS : phase == KILLING ? next_kill : deadline;
    long wait = next - now;
    return wait > SWEEP_MS ? SWEEP_MS : wait > 0 ? (int)wait : 0;
}

/* The dead man's switch. A machine that slept has not waited: the server's own limits run by this clock, too. */
static void expire(void) {
    if (phase != RUNNING || !expiry || now_ms(CLOCK_MONOTONIC) < expiry) return;
    agent.stop_requested = agent.expired = true;
    terminate(opt.grace);
}

static void reap(int *timeout) {
    for (int i = 0; i < 1024; i++) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
        agent.childless = pid < 0 && errno == ECHILD; /* exact, where a scan of /proc is not: orphans become ours */
        if (pid <= 0) return;
        if (pid != agent.pid || agent.gone) agent.reaped++; /* its pid may come round */
        else agent.gone = true, agent.status = status, agent.left = signal_tree(0, NULL);
    }
    *timeout = 0; /* a storm: the others have their turn, then we come back at once */
}

/* One line from ctl. "wake" needs no deed: every turn of the loop looks at the spool. */
static void obey(char *line) {
    char *rest = line, *verb = strsep(&rest, " "), *first = strsep(&rest, " "), *second = strsep(&rest, " ");
    long a = first ? number(first, 0, INT32_MAX) : -1, b = second ? number(second, 1, UINT16_MAX) : -1;
    if (!strcmp(verb, "stop") && (!first || a >= 0)) agent.stop_requested = true, terminate(first ? a : opt.grace);
    if (!strcmp(verb, "expire") && a >= 0) expiry = a ? now_ms(CLOCK_MONOTONIC) + a : 0;
    if (!strcmp(verb, "signal") && a > 0 && a < NSIG && !agent.gone) kill(agent.pid, (int)a);
    if (!strcmp(verb, "freeze") && phase == RUNNING) freeze();
    if (!strcmp(verb, "thaw") && phase == RUNNING) thaw();
    if (!strcmp(verb, "size") && a > 0 && a <= UINT16_MAX && b > 0) resize(a, b);
}

static void read_control(int ctl) {
    static char line[128];
    static size_t length;
    char text[1024];
    for (ssize_t i = 0, n = read(ctl, text, sizeof text); i < n; i++) {
        if (length < sizeof line) line[length++] = text[i];
        if (text[i] != '\n') continue;
        if (line[length - 1] == '\n') line[length - 1] = 0, obey(line); /* else it is too long to be ours */
        length = 0;
    }
}

static void hold(int ctl, int children) {
    struct signalfd_siginfo info;
    for (long swept = 0;;) {
        int soon = SWEEP_MS;
        reap(&soon);
        if (agent.gone && agent.childless) return;
        int timeout = advance();
        long now = now_ms(CLOCK_MONOTONIC);
        if (now - swept >= SWEEP_MS) swept = now, terminal.quiet = false;
        if (input.sink >= 0) pump_input();
        if (opt.pty && !terminal.quiet) pump_terminal();
        struct pollfd fds[] = {{children, POLLIN, 0}, {ctl, POLLIN, 0}, {-1, POLLOUT, 0}, {-1, POLLIN, 0}};
        if (input.blocked && !terminal.quiet) fds[2].fd = input.sink;
        if (opt.pty && !terminal.quiet) fds[3].fd = terminal.master;
        poll(fds, 4, soon < timeout ? soon : timeout);
        if (fds[0].revents) (void)!read(children, &info, sizeof info);
        if (fds[1].revents) read_control(ctl);
        else expire(); /* what was said in time counts, however late we hear of it */
    }
}

/* The exit status is worth waiting for: on a full disk we try until there is room, or until the directory has gone. */
static void conclude(void) {
    for (;; poll(NULL, 0, SWEEP_MS)) {
        terminal.quiet = !opt.pty;
        for (int i = 0; i < TURNS && !terminal.quiet; i++) pump_terminal();
        clean_up();
        if (terminal.at == terminal.end && save_exit()) return;
        if (!exists("lock") && errno == ENOENT) return;
    }
}

/* -- commands --------------------------------------------------------------------------------------------------- */
static int usage(const char *problem, const char *value) {
    dprintf(2, "holder: %s \"%s\"\nusage: holder run DIR [OPTION VALUE]... < SPEC\n       holder seal DIR\n"
               "       holder punch DIR out|err LENGTH\n       holder probe [DIR [CGROUP]]\n", problem, value);
    return USAGE;
}

static int read_options(char **args) {
    for (const char *name, *value; (name = args[0]); args += 2) {
        bool ok = true;
        if (!(value = args[1])) return usage("No value given for", name);
        if (!strcmp(name, "--mode")) ok = (opt.pty = !strcmp(value, "pty")) || !strcmp(value, "pipe");
        else if (!strcmp(name, "--stdin")) {
            opt.oneshot = !strcmp(value, "oneshot"), opt.stream = !strcmp(value, "stream");
            ok = opt.oneshot || opt.stream || !strcmp(value, "none");
        } else if (!strcmp(name, "--cwd")) opt.cwd = value;
        else if (!strcmp(name, "--cgroup")) ok = *(opt.cgroup = value) == '/' && !strpbrk(value, "\"\\\n");
        else if (!strcmp(name, "--grace-ms")) ok = (opt.grace = number(value, 0, INT32_MAX)) >= 0;
        else if (!strcmp(name, "--leftover-grace-ms")) ok = (opt.leftover_grace = number(value, 0, INT32_MAX)) >= 0;
        else if (!strcmp(name, "--terminal")) ok = (opt.only_stdout = !strcmp(value, "stdout")) || !strcmp(value, "cooked");
        else if (!strcmp(name, "--rows")) ok = (opt.rows = number(value, 1, UINT16_MAX)) > 0;
        else if (!strcmp(name, "--cols")) ok = (opt.cols = number(value, 1, UINT16_MAX)) > 0;
        else return usage("Unknown option", name);
        if (!ok) return dprintf(2, "holder: Bad %s\n", name), usage("Cannot use", value);
    }
    return 0;
}

/* What we have from the spawner must not stay with us for days: its session, signals, mask. Returns a signalfd. */
static int settle(void) {
    sigset_t child = {0};
    mallopt(M_MMAP_THRESHOLD, 16 * 1024); /* what is freed goes back to the kernel */
    agent_umask = umask(077);
    read_text("/proc/self/oom_score_adj", agent_oom_score, sizeof agent_oom_score);
    if (!write_text(AT_FDCWD, "/proc/self/oom_score_adj", 0, "-500")) /* short of memory, the agent goes, not we */
        snprintf(agent_oom_score, sizeof agent_oom_score, "%d", atoi(agent_oom_score) / 2 + 500);
    setsid();
    prctl(PR_SET_NAME, "drover-holder"), prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (const int *sig = (int[]){SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, 0}; *sig; sig++) signal(*sig, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigaddset(&child, SIGCHLD), sigprocmask(SIG_SETMASK, &child, NULL);
    return signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The three ends that the agent gets, and those that we keep. Returns NULL, or the stage that failed. */
static const char *open_streams(int fds[3], bool *append_only) {
    int ends[2] = {-1, -1}, slave = -1;
    for (int i = 1; i < 3; i++) {
        const char *log = i == 1 ? "out.log" : "err.log";
        fchmodat(dir, log, 0600, 0); /* one that is there already is of a start that was cut short */
        if ((fds[i] = openat(dir, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0) return "log";
        fchmod(fds[i], 0400);
        *append_only &= set_append_only(fds[i], true);
    }
    if ((input.spool = openat(dir, "in.log", O_RDONLY | O_CREAT | O_CLOEXEC, 0600)) < 0) return "log";
    if (opt.pty) {
        if ((slave = open_terminal()) < 0) return "pty";
        terminal.log = fcntl(fds[1], F_DUPFD_CLOEXEC, 3);
        dup3(slave, fds[1], O_CLOEXEC);
    }
    if (opt.pty && !opt.only_stdout) dup3(slave, fds[2], O_CLOEXEC), ends[0] = slave, ends[1] = terminal.master;
    else if (!opt.oneshot && !opt.stream) ends[0] = fcntl(null, F_DUPFD_CLOEXEC, 3);
    else if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) return "stdin";
    if (slave != ends[0]) close(slave);
    fds[0] = ends[0], input.sink = opt.oneshot || opt.stream ? ends[1] : -1;
    return NULL;
}

static int run(void) {
    int children = settle(), line[2], fds[3];
    int lock = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return usage(strerror(errno), "lock");
    for (; flock(lock, LOCK_EX | LOCK_NB) != 0; poll(NULL, 0, 10)) /* without a pid file, it may yet come to nothing */
        if (exists("pid")) return answer("locked\n", REFUSED);
    if (exists("pid") || exists("exit")) return answer("started\n", REFUSED);
    if (!read_spec()) return answer("failed EBADMSG spec\n", BROKEN_SPEC);
    unlinkat(dir, "ctl", 0); /* of a start that never got as far as its pid file */
    if (mkfifoat(dir, "ctl", 0600) != 0 || children < 0) return fail("ctl");
    int ctl = openat(dir, "ctl", O_RDWR | O_NONBLOCK | O_CLOEXEC); /* O_RDWR: it never ends, whoever comes and goes */
    if (ctl < 0) return fail("ctl");
    bool append_only = true;
    const char *problem = open_streams(fds, &append_only);
    if (problem) return fail(problem);
    if (opt.cgroup && !make_cgroup(opt.cgroup)) return fail("cgroup");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0 || (agent.pid = fork_agent()) < 0)
        return fail("fork");
    if (agent.pid == 0) close(line[0]), become_agent(line[1], fds); /* with both ends it would never see us go */
    close(line[1]);
    for (int i = 0; i < 3; i++) close(fds[i]);
    explicit_bzero(spec.text, spec.size); /* credentials: what the agent has got, the holder need not keep for days */
    free(spec.text), free(spec.words);
    if (!save_pid(append_only)) return fail("pid");
    (void)!write(line[0], "!", 1); /* the word: from here on the agent may have run */
    if (read(line[0], &report, sizeof report) == sizeof report) return errno = report.error, fail(report.stage);
    close(line[0]), (void)!chdir("/");
    answer("ok\n", 0), hold(ctl, children);
    return conclude(), 0;
}

#include "upkeep.c"

int main(int argc, char **argv) {
    const char *command = argc > 1 ? argv[1] : "", *place = argc > 2 ? argv[2] : NULL;
    command += strspn(command, "-");
    self = getpid();
    close_range(3, ~0U, 0);
    while ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && null < 3) {} /* no file of ours may be 0, 1 or 2 */
    if (!place && strcmp(command, "probe")) return usage("No directory given after", command);
    if (place && (dir = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) return usage(strerror(errno), place);
    if (!strcmp(command, "probe")) return probe(argc > 3 ? argv[3] : NULL);
    if (!strcmp(command, "seal")) return seal(place);
    if (!strcmp(command, "punch")) return punch(argv[3], argv[3] ? argv[4] : NULL);
    if (strcmp(command, "run")) return usage("Unknown command", command);
    return read_options(argv + 3) ? USAGE : run();
}
