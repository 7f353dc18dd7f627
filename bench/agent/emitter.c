/*
 * The load of the benchmarks: it speaks the scripted agent's protocol (src/agents/scripted/wire.ts) as fast, or as evenly, as it is
 * told to. It must never be what is measured, so lines are made from a template and nothing is parsed beyond the orders.
 *
 *   emitter                          reads prompts on stdin: {"type":"prompt","id":"…","text":"emit lines=10 every_us=0 …"}
 *   emitter --relay emit lines=10    plays these orders once, without stdin: for a bare relay
 *
 * Orders: lines=N  every_us=N (0: flat out)  bytes=N (of a text)  stamp=1 (each text has "@" and CLOCK_MONOTONIC ns)
 *         whole=1 (each line is a message of its own)  start_gate=DIR  end_gate=DIR (wait there, see gate.ts)  hold=1 (never ends)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { number_digits = 9, stamp_digits = 19, buffer_bytes = 256 * 1024, longest_line = 8192 };

struct orders {
  long lines, every_us, bytes, stamp, whole, hold;
  char start_gate[PATH_MAX], end_gate[PATH_MAX];
};

static char buffer[buffer_bytes];
static size_t used;
static long long born;
static long turns;

static long long now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void flush(void) {
  for (size_t done = 0; done < used;) {
    ssize_t wrote = write(STDOUT_FILENO, buffer + done, used - done);
    if (wrote < 0 && errno != EINTR) exit(1);
    if (wrote > 0) done += (size_t)wrote;
  }
  used = 0;
}

static void say(const char *bytes, size_t length) {
  if (used + length > buffer_bytes) flush();
  memcpy(buffer + used, bytes, length);
  used += length;
}

static void say_now(const char *format, const char *first, long long second) {
  char line[longest_line];
  int length = snprintf(line, sizeof line, format, first, second);
  say(line, (size_t)length);
  flush();
}

static void put_digits(char *at, int digits, long long value) {
  for (int place = digits - 1; place >= 0; place--, value /= 10) at[place] = (char)('0' + value % 10);
}

static void sleep_until(long long at) {
  struct timespec time = {.tv_sec = at / 1000000000LL, .tv_nsec = at % 1000000000LL};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) continue;
}

/* Says "I am here" by a file named after the process, and waits for the file "open". */
static void pass_gate(const char *directory) {
  char path[PATH_MAX + 32];
  if (directory[0] == '\0') return;
  snprintf(path, sizeof path, "%s/%d", directory, (int)getpid());
  close(open(path, O_WRONLY | O_CREAT, 0600));
  snprintf(path, sizeof path, "%s/open", directory);
  while (access(path, F_OK) != 0) sleep_until(now() + 10000000LL);
}

/* Where in the line its number and its stamp stand, -1 where it has none; the rest of it stays as it is. */
struct template { char line[longest_line]; size_t length; long id, number, stamp; };

static void make_template(struct template *made, const struct orders *orders) {
  const char *start = orders->whole ? "{\"type\":\"message_done\",\"role\":\"agent\",\"id\":\"m" : "{\"type\":\"text\",\"id\":\"m";
  long long id = born + turns;
  size_t length = (size_t)snprintf(made->line, sizeof made->line, "%s%lld-", start, id);
  made->id = orders->whole ? (long)length : -1;
  length += (size_t)snprintf(made->line + length, sizeof made->line - length, "%0*d\",\"text\":\"", number_digits, 0);
  size_t text = length;
  made->number = (long)length;
  length += number_digits;
  made->line[length++] = ' ';
  made->stamp = orders->stamp ? (long)length + 1 : -1;
  if (orders->stamp) {
    made->line[length] = '@';
    length += 1 + stamp_digits;
    made->line[length++] = ' ';
  }
  long most = longest_line - 16;
  while ((long)(length - text) < orders->bytes && (long)length < most) made->line[length++] = 'x';
  memcpy(made->line + length, "\"}\n", 3);
  made->length = length + 3;
}

static void emit(const struct orders *orders) {
  struct template line;
  make_template(&line, orders);
  long long pace = orders->every_us * 1000LL;
  /* Agents that passed a gate together are spread over one interval, as agents are that know nothing of one another. */
  long long start = now() + (pace > 0 && orders->start_gate[0] != '\0' ? (getpid() * 7919LL * 1000LL) % pace : 0);
  for (long count = 1; count <= orders->lines; count++) {
    if (pace > 0) sleep_until(start + count * pace);
    put_digits(line.line + line.number, number_digits, count);
    if (line.id >= 0) put_digits(line.line + line.id, number_digits, count);
    if (line.stamp >= 0) put_digits(line.line + line.stamp, stamp_digits, now());
    say(line.line, line.length);
    if (pace > 0) flush();
  }
  flush();
  pass_gate(orders->end_gate);
  if (orders->hold) for (;;) pause();
  if (!orders->whole && orders->lines > 0) {
    say_now("{\"type\":\"message_done\",\"role\":\"agent\",\"id\":\"m%2$lld-000000000\",\"text\":\"%1$s\"}\n", "all said", born + turns);
  }
}

static void read_orders(struct orders *orders, char *text) {
  *orders = (struct orders){.bytes = 40};
  for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL;) {
    char *value = strchr(word, '=');
    if (value == NULL) continue;
    *value++ = '\0';
    if (strcmp(word, "start_gate") == 0) snprintf(orders->start_gate, PATH_MAX, "%s", value);
    else if (strcmp(word, "end_gate") == 0) snprintf(orders->end_gate, PATH_MAX, "%s", value);
    else {
      struct { const char *name; long *to; } numbers[] = {
        {"lines", &orders->lines}, {"every_us", &orders->every_us}, {"bytes", &orders->bytes},
        {"stamp", &orders->stamp}, {"whole", &orders->whole}, {"hold", &orders->hold},
      };
      for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(word, numbers[i].name) == 0) *numbers[i].to = atol(value);
    }
  }
}

static void play(const char *id, char *text) {
  struct orders orders;
  read_orders(&orders, text);
  turns++;
  say_now("{\"type\":\"turn_started\",\"id\":\"%s\"}\n", id, 0);
  pass_gate(orders.start_gate);
  emit(&orders);
  say_now("{\"type\":\"turn_ended\",\"outcome\":\"succeeded\",\"reason\":null,\"message\":null,\"answer\":\"%s\"}\n", "done", 0);
}

/* The value of a string in a flat JSON object; orders and ids need no escaping. */
static char *field(char *line, const char *start) {
  char *value = strstr(line, start);
  if (value == NULL) return NULL;
  value += strlen(start);
  char *end = strchr(value, '"');
  if (end != NULL) *end = '\0';
  return value;
}

int main(int argc, char **argv) {
  born = now();
  say_now("{\"type\":\"hello\",\"version\":\"%s\",\"sessionId\":\"mono-%lld\",\"resumed\":false}\n", "1", born);
  if (argc > 1 && strcmp(argv[1], "--relay") == 0) {
    char text[longest_line] = "";
    for (int i = 2; i < argc; i++) snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", argv[i]);
    play("relay", text);
    return 0;
  }
  char *line = NULL;
  size_t room = 0;
  while (getline(&line, &room, stdin) > 0) {
    /* The text is cut off first: it stands behind the id. */
    char *text = field(line, "\"text\":\""), *id = field(line, "\"id\":\"");
    if (strstr(line, "\"prompt\"") != NULL && text != NULL && id != NULL) play(id, text);
  }
  return 0;
}
