package poller

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

func TestStream_resumesWhereItStopped(t *testing.T) {
	stream := newRiver("s1")
	dir := t.TempDir()
	config := func(l *ledger) Config {
		return Config{Streams: stream, Dir: dir, Invoke: l.invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}}
	}
	first := &ledger{t: t}
	stream.put("s1", "T#1", "O#1")
	stream.put("s1", "T#1", "O#2")
	p, stop := run(t, config(first))
	drain(t, p, nil)
	stop()

	stream.put("s1", "T#1", "O#3")
	second := &ledger{t: t}
	p, stop = run(t, config(second))
	drain(t, p, nil)
	stop()
	if got := first.batches() + " | " + second.batches(); got != "1,2 | 3" {
		t.Errorf("before and after the restart: %q, want each record once", got)
	}

	// Another function has its own marks, and a table made again is another stream.
	for _, s := range []Stream{{ARN: testStream, Function: "other"}, {ARN: testStream + "9", Function: "relay"}} {
		l := &ledger{t: t}
		c := config(l)
		c.FromStreams = []Stream{s}
		p, stop = run(t, c)
		drain(t, p, nil)
		stop()
		if got := l.batches(); got != "1,2,3" {
			t.Errorf("%s of %s: %q, want everything from the start", s.Function, s.ARN, got)
		}
	}
}

// The functions go away in the middle of a page: what they had handled is not forgotten, what they had not comes again.
func TestStream_resumesInTheMiddleOfAPage(t *testing.T) {
	stream := newRiver("s1")
	for range 6 {
		stream.put("s1", "T#1", "O#1")
	}
	dir := t.TempDir()
	closed := false
	first := &ledger{t: t}
	first.fail = func(batch []string) (lambda.Result, error) {
		if slices.Contains(batch, "3") {
			closed = true
		}
		if closed {
			return lambda.Result{}, lambda.ErrClosed
		}
		return lambda.Result{}, nil
	}
	source := Stream{ARN: testStream, Function: "relay", BatchSize: 2}
	_, stop := run(t, Config{Streams: stream, Dir: dir, Invoke: first.invoke, FromStreams: []Stream{source}})
	eventually(t, "the second batch is refused", func() bool { return strings.Contains(first.batches(), "3,4") })
	stop()

	second := &ledger{t: t}
	p, _ := run(t, Config{Streams: stream, Dir: dir, Invoke: second.invoke, FromStreams: []Stream{source}})
	drain(t, p, nil)
	if got := second.batches(); got != "3,4 5,6" {
		t.Errorf("after the restart: %q, want to go on behind record 2", got)
	}
}

// A kill -9 is a poller that never comes to stop: when the function sees the second page, the mark of the first is on
// disk.
func TestStream_marksAreOnDiskBeforeTheNextPage(t *testing.T) {
	stream := newRiver("s1")
	for range 101 {
		stream.put("s1", "T#1", "O#1")
	}
	dir := t.TempDir()
	kept := make(chan string, 10)
	look := func() string {
		files, err := filepath.Glob(filepath.Join(dir, "stream-*.json"))
		if err != nil || len(files) != 1 {
			return fmt.Sprint(files, err)
		}
		content, err := os.ReadFile(files[0])
		return fmt.Sprint(string(content), err)
	}
	config := Config{Streams: stream, Dir: dir, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}}
	config.Invoke = func(context.Context, string, []byte) (lambda.Result, error) {
		kept <- look()
		return lambda.Result{}, nil
	}
	p, _ := run(t, config)
	drain(t, p, nil)
	if first := <-kept; !strings.HasPrefix(first, "[]") {
		t.Errorf("before the first page is handled: %s, want no mark", first)
	}
	if second := <-kept; !strings.Contains(second, `"sequence":"100"`) {
		t.Errorf("before the second page is handled: %s, want the mark of record 100", second)
	}
	if last := look(); !strings.Contains(last, `"sequence":"101"`) {
		t.Errorf("in the end: %s, want the mark of record 101", last)
	}
}

func TestNew_refusesABrokenCheckpoint(t *testing.T) {
	dir := t.TempDir()
	marks, err := openCheckpoint(dir, testStream, "relay")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"torn": `{"v":1,`, "another version": `{"v":2,"stream":"` + testStream + `"}`, "another stream": `{"v":1,"stream":"other"}`,
	} {
		if err := os.WriteFile(marks.path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Config{Streams: newRiver("s1"), Dir: dir, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}}); err == nil {
			t.Errorf("%s: accepted; starting over silently would hide it", name)
		}
	}
}

func TestStream_followsShards(t *testing.T) {
	stream := newRiver("parent")
	const long = 250 // more than two pages
	for range long {
		stream.put("parent", "T#1", "O#1")
	}
	stream.split("parent", "left", "right")
	stream.put("left", "T#1", "O#2")
	stream.put("right", "T#2", "O#3")
	dir := t.TempDir()
	l := &ledger{t: t}
	config := Config{Streams: stream, Dir: dir, Invoke: l.invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}}
	p, stop := run(t, config)
	drain(t, p, nil)
	next := 1
	for _, id := range strings.FieldsFunc(l.batches(), func(r rune) bool { return r == ' ' || r == ',' }) {
		if id != strconv.Itoa(next) {
			t.Fatalf("record %s came when %d was next: the parent's come before the children's", id, next)
		}
		next++
	}
	if next != long+3 {
		t.Errorf("%d records came, want %d", next-1, long+2)
	}
	stop()
	if stream.reads["parent"] != 3 {
		t.Errorf("the parent was read %d times, want its 3 pages and no more once it had ended", stream.reads["parent"])
	}

	// A closed shard that the stream no longer lists is forgotten; the children go on.
	stream.set(func(r *river) { r.shards = r.shards[1:] })
	stream.put("right", "T#2", "O#4")
	again := &ledger{t: t}
	config.Invoke = again.invoke
	p, stop = run(t, config)
	drain(t, p, nil)
	stop()
	if got := again.batches(); got != strconv.Itoa(long+3) {
		t.Errorf("after the restart: %q, want only the new record", got)
	}
	marks, err := openCheckpoint(dir, testStream, "relay")
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := marks.shards["parent"]; kept || len(marks.shards) != 2 {
		t.Errorf("marks %v, want those of the two children", marks.shards)
	}
}

func TestStream_survivesItsFunctions(t *testing.T) {
	stream := newRiver("s1")
	refusals := 2
	l := &ledger{t: t}
	l.fail = func([]string) (lambda.Result, error) {
		if refusals > 0 {
			refusals--
			return lambda.Result{}, lambda.ErrClosed
		}
		return lambda.Result{}, nil
	}
	p, _ := run(t, Config{Streams: stream, Invoke: l.invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}})
	stream.put("s1", "T#1", "O#1")
	drain(t, p, nil)
	if got := l.batches(); got != "1 1 1" {
		t.Errorf("batches %q, want the record until it is taken", got)
	}
}

func TestStream_survivesItsEngine(t *testing.T) {
	stream := newRiver("s1")
	l := &ledger{t: t}
	p, _ := run(t, Config{Streams: stream, Invoke: l.invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}})
	stream.put("s1", "T#1", "O#1")
	drain(t, p, nil)

	stream.set(func(r *river) { r.down = errDown })
	eventually(t, "the failure is seen", func() bool { return !p.Idle() })
	stream.put("s1", "T#1", "O#2")
	stream.set(func(r *river) { r.down = nil })
	drain(t, p, nil)

	stream.put("s1", "T#1", "O#3")
	stream.set(func(r *river) { r.epoch++ }) // iterators expire
	drain(t, p, nil)

	// The table is away, as after a restart on an empty directory, and comes back.
	stream.set(func(r *river) { r.down = &types.ResourceNotFoundException{} })
	eventually(t, "the failure is seen", func() bool { return !p.Idle() })
	stream.put("s1", "T#1", "O#4")
	stream.set(func(r *river) { r.down = nil })
	drain(t, p, nil)
	if got := l.batches(); got != "1 2 3 4" {
		t.Errorf("batches %q, want each record once", got)
	}
}

func TestStream_goesOnBehindWhatWasTrimmed(t *testing.T) {
	stream := newRiver("s1")
	dir := t.TempDir()
	l := &ledger{t: t}
	config := Config{Streams: stream, Dir: dir, Invoke: l.invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}}
	stream.put("s1", "T#1", "O#1")
	p, stop := run(t, config)
	drain(t, p, nil)
	stop()
	for range 4 {
		stream.put("s1", "T#1", "O#2")
	}
	stream.set(func(r *river) { r.trimmed = 3 })
	p, _ = run(t, config)
	drain(t, p, nil)
	if got := l.batches(); got != "1 4,5" {
		t.Errorf("batches %q, want what is left of the stream", got)
	}
}

// A quiet stream costs a look now and then and nothing else.
func TestStream_restsWhenIdle(t *testing.T) {
	stream := newRiver("s1")
	p, stop := run(t, Config{Streams: stream, Invoke: (&ledger{t: t}).invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}})
	drain(t, p, nil)
	stream.set(func(r *river) { r.calls = 0 })
	time.Sleep(50 * time.Millisecond)
	stop()
	if stream.calls > 50/5+5 {
		t.Errorf("%d calls in 50 ms of rest, want about one in every 5 ms", stream.calls)
	}
}

// A function writes what another source then has to do, and so on: Drain returns after the last of them only.
func TestPoller_Drain_waitsForWhatFollows(t *testing.T) {
	stream := newRiver("s1")
	shelf := newShelf()
	const rounds = 5
	done := make(chan string, 2*rounds)
	p, _ := run(t, Config{
		Streams: stream, Queues: shelf,
		FromStreams: []Stream{{ARN: testStream, Function: "relay"}}, FromQueues: []Queue{{Source: "q", Function: "work"}},
		Invoke: func(_ context.Context, name string, payload []byte) (lambda.Result, error) {
			time.Sleep(3 * time.Millisecond)
			if name == "relay" {
				for _, id := range sequences(t, payload) {
					shelf.put("q", message(id, "x"))
				}
			} else if n := len(done); n < 2*rounds-1 {
				stream.put("s1", "T#1", "O#1")
			}
			done <- name
			return lambda.Result{}, nil
		},
	})
	stream.put("s1", "T#1", "O#1")
	drain(t, p, shelf.quiet)
	if len(done) != 2*rounds {
		t.Errorf("%d steps done when Drain returned, want %d", len(done), 2*rounds)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Drain(ctx, func() bool { return false }); err == nil {
		t.Error("Drain outlived its context")
	}
}
