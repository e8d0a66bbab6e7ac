package queue_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/cmd/gestor/internal/queue"
)

// model drives a service through random calls, clock moves and crashes, and knows what must be left.
type model struct {
	t        *rapid.T
	clock    *testClock
	dir      string
	service  *queue.Service
	sent     int
	left     map[string]bool // bodies acknowledged and not deleted
	receipts []queue.Message
}

func (m *model) fatal(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) open() {
	s, err := queue.Open(m.dir, specs(), m.clock.now, discard())
	m.fatal(err)
	m.service = s
}

func (m *model) send(name string) {
	m.sent++
	out := queue.Outgoing{Body: fmt.Sprintf("%04d", m.sent)}
	if name == "out.fifo" {
		out.Group, out.Dedup = fmt.Sprint("g", m.sent%2), out.Body
	}
	_, err := m.service.Send(m.t.Context(), name, out)
	m.fatal(err)
	m.left[out.Body] = true
}

func (m *model) receive(name string) {
	got, err := m.service.Receive(m.t.Context(), name, rapid.IntRange(1, 4).Draw(m.t, "limit"), 0)
	m.fatal(err)
	last := make(map[string]string)
	for _, msg := range got {
		group, number := msg.System["MessageGroupId"], msg.System["SequenceNumber"]
		if group != "" && number <= last[group] {
			m.t.Fatalf("group %s: number %s after %s", group, number, last[group])
		}
		last[group] = number
		if !m.left[msg.Body] {
			m.t.Fatalf("%s was deleted and came again", msg.Body)
		}
	}
	m.receipts = append(m.receipts, got...)
}

// settle deletes or releases something received, also by receipts that have expired.
func (m *model) settle(del bool) {
	if len(m.receipts) == 0 {
		return
	}
	msg := rapid.SampledFrom(m.receipts).Draw(m.t, "message")
	if !del {
		_ = m.service.Release(msg.Receipt, time.Duration(rapid.IntRange(0, 40).Draw(m.t, "after"))*time.Second)
		return
	}
	before := m.total()
	if err := m.service.Delete(msg.Receipt); err == nil && m.total() < before {
		delete(m.left, msg.Body)
	}
}

func (m *model) total() int {
	m.service.Settle()
	n := 0
	for _, name := range m.service.Names() {
		visible, inFlight, delayed := m.service.Depth(name)
		n += visible + inFlight + delayed
	}
	return n
}

func (m *model) crash(t *testing.T) {
	image := crash(t, m.dir)
	m.fatal(m.service.Close())
	m.dir, m.receipts = image, nil
	m.open()
}

// TestModel: whatever happens, what is there at the end is what was acknowledged and not deleted, each once.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{t: rt, clock: &testClock{at: monday}, dir: t.TempDir(), left: make(map[string]bool)}
		m.open()
		defer func() { _ = m.service.Close() }()
		names := rapid.SampledFrom([]string{"inbox", "out.fifo"})
		rt.Repeat(map[string]func(*rapid.T){
			"send":    func(rt *rapid.T) { m.send(names.Draw(rt, "queue")) },
			"receive": func(rt *rapid.T) { m.receive(names.Draw(rt, "queue")) },
			"delete":  func(*rapid.T) { m.settle(true) },
			"release": func(*rapid.T) { m.settle(false) },
			"wait": func(rt *rapid.T) {
				m.clock.advance(time.Duration(rapid.IntRange(1, 60).Draw(rt, "seconds")) * time.Second)
			},
			"redrive": func(rt *rapid.T) {
				_, err := m.service.Redrive(rt.Context(), rapid.SampledFrom([]string{"inbox-dead", "out-dead.fifo"}).Draw(rt, "queue"))
				m.fatal(err)
			},
			"crash": func(rt *rapid.T) {
				if rapid.IntRange(0, 2).Draw(rt, "crash") == 0 {
					m.crash(t)
				}
			},
			"": func(rt *rapid.T) {
				if got := m.total(); got != len(m.left) {
					rt.Fatalf("%d messages, want %d", got, len(m.left))
				}
			},
		})
		if diff := cmp.Diff(m.expected(), m.drain()); diff != "" {
			rt.Fatalf("at the end (-want +got):\n%s", diff)
		}
	})
}

func (m *model) expected() []string {
	want := []string{}
	for body := range m.left {
		want = append(want, body)
	}
	sort.Strings(want)
	return want
}

// drain takes everything out of all queues.
func (m *model) drain() []string {
	got := []string{}
	for len(got) < len(m.left) {
		m.clock.advance(12 * time.Hour)
		before := len(got)
		for _, name := range m.service.Names() {
			some, err := m.service.Receive(m.t.Context(), name, 10, 0)
			m.fatal(err)
			for _, msg := range some {
				got = append(got, msg.Body)
				m.fatal(m.service.Delete(msg.Receipt))
			}
		}
		if m.total() == 0 && len(got) == before {
			break
		}
	}
	sort.Strings(got)
	return got
}
