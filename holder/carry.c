/*
 * Part of holder.c, which includes it: what we carry, a terminal's bytes to out.log and the frames of in.log to stdin.
 */
#include <termios.h>

enum { END = 4 }; /* what ends the input at a terminal: ^D */

/* From at to end, the chunk is not in the log yet. Quiet: hung up, or the disk is full; not before the next sweep. */
static struct { int master, log; size_t at, end; bool quiet; char chunk[4096]; } terminal = {.master = -1, .log = -1};

static void pump_terminal(void) {
    for (int turn = 0; turn < TURNS; turn++) {
        if (terminal.at == terminal.end) {
            ssize_t n = read(terminal.master, terminal.chunk, sizeof terminal.chunk);
            terminal.quiet = n == 0 || (n < 0 && errno != EAGAIN);
            if (n <= 0) return;
            terminal.at = 0, terminal.end = (size_t)n;
        }
        ssize_t n = write(terminal.log, terminal.chunk + terminal.at, terminal.end - terminal.at);
        if ((terminal.quiet = n < 0)) return; /* the bytes stay here, the terminal fills up, and nothing is lost */
        terminal.at += (size_t)n;
    }
}

static void resize(long rows, long cols) {
    ioctl(terminal.master, TIOCSWINSZ, &(struct winsize){.ws_row = (uint16_t)rows, .ws_col = (uint16_t)cols});
}

/* Line ends arrive as they are written: for those who read the lines of a program, and not a screen. */
static bool keep_line_ends(int terminal_end) {
    struct termios mode;
    if (tcgetattr(terminal_end, &mode) != 0) return false;
    mode.c_oflag &= ~(tcflag_t)OPOST;
    return tcsetattr(terminal_end, TCSANOW, &mode) == 0;
}

static int open_terminal(void) { /* returns the agent's end */
    terminal.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (terminal.master < 0 || grantpt(terminal.master) != 0 || unlockpt(terminal.master) != 0) return -1;
    resize(opt.rows, opt.cols);
    int end = ioctl(terminal.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return end >= 0 && opt.only_stdout && !keep_line_ends(end) ? -1 : end;
}

/* in.log, up to where it was read; the agent's stdin or terminal, -1 once nothing can follow; bytes due of the open
 * frame. From here to end, the chunk is not written yet. Blocked: wait for POLLOUT, the agent does not read, or it is
 * another's turn. Cut: what was written last does not end a line. */
static struct {
    int spool, sink;
    off_t at;
    uint32_t due;
    size_t from, end;
    bool blocked, ending, cut;
    char chunk[16 * 1024];
} input = {.spool = -1, .sink = -1};

/* An agent may have changed the mode, which is one of the terminal's both ends. */
static bool is_canonical(void) {
    struct termios mode;
    return tcgetattr(input.sink, &mode) == 0 && mode.c_lflag & ICANON;
}

/* A pipe ends by being closed, a terminal by the character that means it; a line that is cut needs two of them, for the
 * first only hands it over. */
static void end_input(void) {
    input.ending = true, input.from = input.end = 0;
    if (input.sink != terminal.master) { close(input.sink); return; }
    input.chunk[input.end++] = END;
    if (input.cut && is_canonical()) input.chunk[input.end++] = END;
}

/* Opens the frame at input.at if all of it is there. A length of 0 is the end of stdin. */
static bool open_frame(void) {
    struct stat spool;
    unsigned char head[4];
    if (input.at > 0 && opt.oneshot) return end_input(), false;
    if (fstat(input.spool, &spool) != 0 || pread(input.spool, head, 4, input.at) != 4) return false;
    uint32_t length = head[0] | head[1] << 8 | head[2] << 16 | (uint32_t)head[3] << 24;
    if (length == 0) return end_input(), false;
    if (spool.st_size < input.at + 4 + (off_t)length) return false;
    input.at += 4, input.due = length;
    return true;
}

/* The next chunk; false where there is none (yet). */
static bool load(void) {
    if (input.ending || (!input.due && !open_frame())) return input.from < input.end;
    size_t room = sizeof input.chunk;
    ssize_t n = pread(input.spool, input.chunk, input.due < room ? input.due : room, input.at);
    if (n <= 0) return end_input(), input.end > 0; /* somebody has cut the spool */
    input.at += n, input.due -= (uint32_t)n, input.from = 0, input.end = (size_t)n;
    input.cut = input.chunk[n - 1] != '\n';
    return true;
}

/* Copies in chunks and never waits: ten megabytes for an agent that does not read hold up nothing. */
static void pump_input(void) {
    int turn = 0;
    for (; turn < TURNS && (input.from < input.end || load()); turn++) {
        ssize_t n = write(input.sink, input.chunk + input.from, input.end - input.from);
        if (n < 0 && errno == EAGAIN) break;
        if (n > 0) input.from += (size_t)n;
        else end_input(), input.from = input.end; /* the agent has closed its stdin, which is its right */
    }
    input.blocked = input.from < input.end || turn == TURNS;
    if (input.ending && !input.blocked) input.sink = -1;
}
