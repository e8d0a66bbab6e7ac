package queue_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

// TestChild is not a test: it is the process that TestKill kills. It sends for ever and prints each acknowledged body.
func TestChild(t *testing.T) {
	dir := os.Getenv("QUEUE_TEST_DIR")
	if dir == "" {
		return
	}
	s, err := queue.Open(dir, specs(), time.Now, discard())
	if err != nil {
		t.Fatal(err)
	}
	s.CompactAt(50_000)
	for range 2 { // what comes and goes makes the log be rewritten all the time, so that some kills hit that
		go func() {
			for {
				_, _ = s.Send(t.Context(), "inbox-dead", queue.Outgoing{Body: strings.Repeat("x", 5000)})
				got, _ := s.Receive(t.Context(), "inbox-dead", 1, 0)
				for _, m := range got {
					_ = s.Delete(m.Receipt)
				}
			}
		}()
	}
	var out sync.Mutex
	for worker := range 8 {
		go func() {
			for i := 0; ; i++ {
				body := fmt.Sprintf("%s-%d-%d", os.Getenv("QUEUE_TEST_ROUND"), worker, i)
				if _, err := s.Send(t.Context(), "inbox", queue.Outgoing{Body: body}); err != nil {
					return
				}
				out.Lock()
				fmt.Println("acked", body)
				out.Unlock()
			}
		}()
	}
	select {}
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	acked := make(map[string]bool)
	for round := range 5 {
		child := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
		child.Env = append(os.Environ(), "QUEUE_TEST_DIR="+dir, fmt.Sprint("QUEUE_TEST_ROUND=", round))
		pipe, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		acks := bufio.NewReader(pipe)
		readAcks(acks, acked, 300*(round+1))
		_ = child.Process.Kill()
		readAcks(acks, acked, 1<<30) // what it had printed before it died
		_ = child.Wait()
	}
	clock := &testClock{at: monday.AddDate(1, 0, 0)}
	there := make(map[string]bool)
	for _, body := range content(t, open(t, dir, clock), "inbox") {
		if there[body] {
			t.Errorf("%s twice", body)
		}
		there[body] = true
	}
	for body := range acked {
		if !there[body] {
			t.Errorf("%s was acknowledged and is gone", body)
		}
	}
	if len(acked) < 1500 {
		t.Errorf("only %d messages were acknowledged: the test did not test", len(acked))
	}
	t.Logf("%d acknowledged over 5 kills, %d stored", len(acked), len(there))
}

// readAcks collects what the child acknowledges until there are enough or it ends.
func readAcks(from io.Reader, acked map[string]bool, enough int) {
	var word string
	for len(acked) < enough {
		if _, err := fmt.Fscan(from, &word); err != nil {
			return
		}
		if word != "acked" {
			continue
		}
		if _, err := fmt.Fscan(from, &word); err != nil {
			return
		}
		acked[word] = true
	}
}
