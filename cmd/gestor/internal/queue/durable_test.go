package queue_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

// content receives everything a queue gives now and lists the bodies.
func content(t *testing.T, s *queue.Service, name string) []string {
	t.Helper()
	got := []string{}
	for {
		some, err := s.Receive(t.Context(), name, 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return got
		}
		for _, m := range some {
			got = append(got, m.Body)
		}
	}
}

func TestNothingAcknowledgedIsLost(t *testing.T) {
	b := start(t)
	var want []string
	for i := range 30 {
		b.send("inbox", fmt.Sprint("m", i), "", "")
	}
	for i, m := range b.receive("inbox") {
		if i%2 == 0 {
			b.remove("inbox", m)
		} else {
			want = append(want, *m.Body)
		}
	}
	for i := 10; i < 30; i++ {
		want = append(want, fmt.Sprint("m", i))
	}
	b.send("out.fifo", "uno", "g", "d1")
	b.send("out.fifo", "dos", "g", "d2")

	again := open(t, crash(t, b.dir), b.clock)
	if _, err := again.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "uno", Group: "g", Dedup: "d1"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, content(t, again, "inbox")); diff != "" {
		t.Errorf("inbox after the crash (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"uno", "dos"}, content(t, again, "out.fifo")); diff != "" {
		t.Errorf("out.fifo after the crash, with a repeat of the first (-want +got):\n%s", diff)
	}
}

func TestDedupOutlivesDeleteAndRestart(t *testing.T) {
	b := start(t)
	b.send("out.fifo", "uno", "g", "d1")
	b.remove("out.fifo", b.receive("out.fifo")[0])
	dir := crash(t, b.dir)
	for range 3 { // each Open compacts
		s := open(t, dir, b.clock)
		if _, err := s.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "uno", Group: "g", Dedup: "d1"}); err != nil {
			t.Fatal(err)
		}
		if got := content(t, s, "out.fifo"); len(got) != 0 {
			t.Fatalf("a repeat came through: %v", got)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(5 * time.Minute)
	s := open(t, dir, b.clock)
	if _, err := s.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "uno", Group: "g", Dedup: "d1"}); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, "out.fifo"); len(got) != 1 {
		t.Errorf("after the window: %v, want the message", got)
	}
}

func TestDedupOutlivesCompaction(t *testing.T) {
	b := start(t)
	b.CompactAt(-1 << 30) // after every write
	b.send("out.fifo", "uno", "g", "d1")
	b.remove("out.fifo", b.receive("out.fifo")[0])
	b.send("inbox", "x", "", "")
	b.send("inbox", "y", "", "")
	s := open(t, crash(t, b.dir), b.clock)
	if _, err := s.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "uno", Group: "g", Dedup: "d1"}); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, "out.fifo"); len(got) != 0 {
		t.Errorf("a repeat came through: %v", got)
	}
}

func TestRedrivenMessageIsNoSighting(t *testing.T) {
	b := start(t)
	b.send("out.fifo", "uno", "g", "d1")
	for range 3 {
		b.receive("out.fifo")
		b.clock.advance(10 * time.Minute)
	}
	if err := b.Release(receiveOne(t, b, "out-dead.fifo").Receipt, 0); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Redrive(t.Context(), "out-dead.fifo"); n != 1 || err != nil {
		t.Fatalf("redrive: %d, %v", n, err)
	}
	s := open(t, crash(t, open(t, crash(t, b.dir), b.clock).Dir()), b.clock)
	if _, err := s.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "uno otra vez", Group: "g", Dedup: "d1"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"uno", "uno otra vez"}, content(t, s, "out.fifo")); diff != "" {
		t.Errorf("out.fifo (-want +got):\n%s", diff)
	}
}

func TestReceiveCountsAndDelaysOutliveARestart(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	if _, err := b.Send(t.Context(), "inbox", queue.Outgoing{Body: "luego", Delay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	b.receive("inbox")
	b.send("inbox-dead", "x", "", "") // a write that is waited for, behind the count
	s := open(t, crash(t, b.dir), b.clock)
	got, err := s.Receive(t.Context(), "inbox", 10, 0)
	if err != nil || len(got) != 1 || got[0].System["ApproximateReceiveCount"] != "2" {
		t.Fatalf("after the restart: %v, %+v; want the message, visible, received twice", err, got)
	}
	b.clock.advance(time.Minute)
	if diff := cmp.Diff([]string{"luego"}, content(t, s, "inbox")[:1]); diff != "" {
		t.Errorf("delayed message (-want +got):\n%s", diff)
	}
}

func TestClockThatWentBackKeepsDelaysShort(t *testing.T) {
	b := start(t)
	if _, err := b.Send(t.Context(), "inbox", queue.Outgoing{Body: "x", Delay: time.Minute}); err != nil {
		t.Fatal(err)
	}
	b.send("out.fifo", "uno", "g", "d1")
	dir := crash(t, b.dir)
	b.clock.advance(-30 * 24 * time.Hour)
	s := open(t, dir, b.clock)
	if _, err := s.Send(t.Context(), "out.fifo", queue.Outgoing{Body: "otro", Group: "g", Dedup: "d1"}); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, "out.fifo"); len(got) != 2 {
		t.Errorf("deduplication outlived its window by a month: %v", got)
	}
	b.clock.advance(time.Minute)
	if got := content(t, s, "inbox"); len(got) != 1 {
		t.Error("a minute's delay became longer when the clock went back")
	}
}

func TestDeadLettersOutliveARestart(t *testing.T) {
	b := start(t)
	b.send("inbox", "malo", "", "")
	for range 3 {
		b.receive("inbox")
		b.clock.advance(30 * time.Second)
	}
	dead := receiveOne(t, b, "inbox-dead")
	if err := b.Release(dead.Receipt, 0); err != nil {
		t.Fatal(err)
	}
	s := open(t, crash(t, b.dir), b.clock)
	if n, err := s.Redrive(t.Context(), "inbox-dead"); n != 1 || err != nil {
		t.Fatalf("redrive after a restart: %d, %v", n, err)
	}
	if diff := cmp.Diff([]string{"malo"}, content(t, s, "inbox")); diff != "" {
		t.Errorf("inbox (-want +got):\n%s", diff)
	}
}

func TestTornTail(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	b.send("inbox", "dos", "", "")
	image := crash(t, b.dir)
	text, err := os.ReadFile(filepath.Join(image, "queues.log"))
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1 // where the second send begins
	for cut := last; cut < len(text); cut++ {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "queues.log"), text[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, dir, b.clock)
		if diff := cmp.Diff([]string{"uno"}, content(t, s, "inbox")); diff != "" {
			t.Fatalf("cut at byte %d (-want +got):\n%s", cut, diff)
		}
		if _, err := s.Send(t.Context(), "inbox", queue.Outgoing{Body: "tres"}); err != nil {
			t.Fatalf("cut at byte %d: send: %v", cut, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if got := content(t, open(t, dir, b.clock), "inbox"); len(got) != 2 {
			t.Fatalf("cut at byte %d: %v after the next start, want uno and tres", cut, got)
		}
	}
}

func TestHoleInTheLastWrite(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	b.send("inbox", "dos", "", "")
	image := crash(t, b.dir)
	path := filepath.Join(image, "queues.log")
	text, _ := os.ReadFile(path)
	at := bytes.LastIndex(text, []byte("dos"))
	copy(text[at:], "\x00\x00\x00")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"uno"}, content(t, open(t, image, b.clock), "inbox")); diff != "" {
		t.Errorf("inbox (-want +got):\n%s", diff)
	}
}

func TestDamageIsAnError(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	b.send("inbox", "dos", "", "")
	image := crash(t, b.dir)
	path := filepath.Join(image, "queues.log")
	text, _ := os.ReadFile(path)
	if err := os.WriteFile(path, bytes.Replace(text, []byte("uno"), []byte("una"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := queue.Open(image, specs(), b.clock.now, discard())
	if err == nil {
		_ = s.Close()
		t.Fatal("a damaged log was opened")
	}
	if !strings.Contains(err.Error(), "line 2") {
		t.Errorf("error %q does not say where", err)
	}
	after, _ := os.ReadFile(path)
	if bytes.Contains(after, []byte("uno")) || !bytes.Contains(after, []byte("dos")) {
		t.Error("the damaged log must stay as it was")
	}
}

func TestOneProcessAtATime(t *testing.T) {
	b := start(t)
	s, err := queue.Open(b.dir, specs(), b.clock.now, discard())
	if err == nil {
		_ = s.Close()
		t.Fatal("the same directory was opened twice")
	}
}

func TestQueueThatIsDeclaredNoMore(t *testing.T) {
	b := start(t)
	b.send("inbox", "uno", "", "")
	dir := crash(t, b.dir)
	s, err := queue.Open(dir, []queue.Spec{{Name: "other"}}, b.clock.now, discard())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Receive(t.Context(), "inbox", 1, 0); err == nil {
		t.Error("a queue nobody declared answers")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"uno"}, content(t, open(t, dir, b.clock), "inbox")); diff != "" {
		t.Errorf("declared again (-want +got):\n%s", diff)
	}
}

func TestCompaction(t *testing.T) {
	b := start(t)
	b.CompactAt(10_000)
	b.send("inbox", "queda", "", "")
	big := strings.Repeat("x", 2000)
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for range 50 {
				if _, err := b.Send(t.Context(), "inbox-dead", queue.Outgoing{Body: big}); err != nil {
					t.Error(err)
				}
				got, err := b.Receive(t.Context(), "inbox-dead", 1, time.Minute)
				if err != nil || len(got) != 1 {
					t.Error("nothing received", err)
					return
				}
				if err := b.Delete(got[0].Receipt); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	b.send("out.fifo", "uno", "g", "d1")
	info, err := os.Stat(filepath.Join(b.dir, "queues.log"))
	if err != nil || info.Size() > 40_000 {
		t.Errorf("log of %d bytes after 400 KB passed through, %v", info.Size(), err)
	}
	s := open(t, crash(t, b.dir), b.clock)
	for name, want := range map[string][]string{"inbox": {"queda"}, "inbox-dead": {}, "out.fifo": {"uno"}} {
		if diff := cmp.Diff(want, content(t, s, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEveryAnswerIsSynced(t *testing.T) {
	b := start(t)
	for range 5 {
		b.send("inbox", "x", "", "")
	}
	for _, m := range b.receive("inbox") {
		b.remove("inbox", m)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if n := b.Syncs(); n != 10 {
		t.Errorf("%d syncs for 10 answers one after another, want 10", n)
	}
}

func TestBrokenLogAcknowledgesNothing(t *testing.T) {
	clock := &testClock{at: monday}
	dir := t.TempDir()
	s, err := queue.Open(dir, specs(), clock.now, discard())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	if _, err := s.Send(t.Context(), "inbox", queue.Outgoing{Body: "uno"}); err != nil {
		t.Fatal(err)
	}
	s.BreakLog()
	for range 2 {
		if _, err := s.Send(t.Context(), "inbox", queue.Outgoing{Body: "dos"}); err == nil {
			t.Error("a send was acknowledged without a log")
		}
	}
	_, err = client(server).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(server.URL + "/0/inbox"), MessageBody: aws.String("dos")})
	if code(err) != "InternalFailure" {
		t.Errorf("over the SDK: %v", err)
	}
	if s.Close() == nil {
		t.Error("close of a broken log: no error")
	}
	if diff := cmp.Diff([]string{"uno"}, content(t, open(t, dir, clock), "inbox")); diff != "" {
		t.Errorf("inbox after the next start (-want +got):\n%s", diff)
	}
}
