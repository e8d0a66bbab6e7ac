package deliver_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/worker"
	"sence.gob.cl/gestor/shared/ticket"
)

// program is a random life of one account with several conversations: what people write, what happens to the account, what the
// network answers, where processes end, and how late and in which order messages come.
type program struct {
	*world
	rt    *rapid.T
	cases []string
	wrote map[string][]string // by case: the texts, in the order they were written
	dead  bool                // the network no longer takes our key
}

func (p *program) begin(n int) {
	p.reset()
	p.At(worker.Noon())
	p.cases, p.wrote, p.dead = nil, map[string][]string{}, false
	for range n {
		c, _ := p.planned()
		s := p.Proven(c.ID)
		p.Must(s.Ticket.Undo(worker.Ana(), &s.Replies[0], p.Clock())) // its text is that of every other case
		p.cases = append(p.cases, c.ID)
	}
}

// do carries out one drawn step.
func (p *program) do(step string) {
	switch step {
	case "publish":
		id := rapid.SampledFrom(p.cases).Draw(p.rt, "case")
		text := fmt.Sprintf("%s, texto %d.", id, len(p.wrote[id]))
		p.further(id, text)
		p.wrote[id] = append(p.wrote[id], text)
	case "undo":
		p.undo(rapid.SampledFrom(p.cases).Draw(p.rt, "case"))
	case "pause":
		p.page(in(channel.Paused, channel.ReasonByHand))
	case "resume":
		p.dead = false
		p.page(in(channel.Working, ""))
	case "kill":
		p.page(in(channel.Closed, channel.ReasonByHand))
	case "token":
		p.dead = true
	case "auth":
		p.answer(scripted{err: saying(fault.Denied, "auth")})
	case "throttle":
		asked := saying(fault.Transient, "throttle")
		asked.RetryAfter = time.Duration(rapid.IntRange(0, 30).Draw(p.rt, "minutes to wait")) * time.Minute
		p.answer(scripted{err: asked})
	case "answers":
		p.answer(rapid.SampledFrom(answers()).Draw(p.rt, "answer"))
	case "clock":
		p.At(p.Clock().Add(time.Duration(rapid.SampledFrom([]int{1, 40, 61, 900, 7200, 90000}).Draw(p.rt, "seconds")) * time.Second))
	case "work":
		p.work()
	}
}

func (p *program) answer(s scripted) { p.network.script = append(p.network.script, s) }

// due gives what is to be done by now, in all cases.
func (p *program) due() []outbox.Message {
	var out []outbox.Message
	for _, id := range p.cases {
		for _, m := range p.next(id) {
			if !m.Due.After(p.Clock()) {
				out = append(out, m)
			}
		}
	}
	return out
}

// work hands over what is due, in any order, some of it twice.
func (p *program) work() {
	for range rapid.IntRange(1, 6).Draw(p.rt, "messages") {
		due := p.due()
		if len(due) == 0 {
			return
		}
		p.handle(rapid.SampledFrom(due).Draw(p.rt, "message"))
	}
}

func (p *program) handle(m outbox.Message) {
	if p.dead {
		p.network.script = slices.Insert(p.network.script, 0, scripted{err: saying(fault.Denied, "auth")})
	}
	before := p.network.calls
	_ = p.Handle(m)
	if p.dead && p.network.calls == before { // it did not come to a call
		p.network.script = p.network.script[1:]
	}
}

// end lets everything come to its end: the account works, the network answers, processes live.
func (p *program) end() {
	p.Store.Set(nil, nil)
	p.network.script = nil
	p.do("resume")
	for range 400 {
		next := time.Time{}
		for _, id := range p.cases {
			for _, m := range p.next(id) {
				if next.IsZero() || m.Due.Before(next) {
					next = m.Due
				}
			}
		}
		if next.IsZero() {
			return
		}
		if next.After(p.Clock()) {
			p.At(next)
		}
		failed := false
		for _, m := range p.due() {
			failed = p.Handle(m) != nil || failed
		}
		if failed {
			p.Wait()
		}
	}
	p.rt.Fatalf("it never ends")
}

// check tells what must hold at any time of what was said, and at the end of every reply.
func (p *program) check(ended bool) {
	said := map[string]int{}
	for _, id := range p.cases {
		last := -1
		for _, text := range p.texts() {
			at := slices.Index(p.wrote[id], text)
			if at < 0 {
				continue
			}
			if said[text]++; said[text] > 1 {
				p.rt.Fatalf("%q was said twice", text)
			}
			if at < last {
				p.rt.Fatalf("%q was said after what was written later", text)
			}
			last = at
		}
		if !ended {
			continue
		}
		raised := p.Matters(id)
		for _, r := range p.Proven(id).Replies {
			told := slices.ContainsFunc(raised, func(a ticket.Attention) bool { return a.ID == a.Kind+"-"+r.ID })
			switch r.State {
			case ticket.ReplySent:
				if said[r.Text] != 1 {
					p.rt.Fatalf("sent, and said %d times: %+v", said[r.Text], r)
				}
			case ticket.ReplyRefused, ticket.ReplyExpired:
				if said[r.Text] != 0 || !told {
					p.rt.Fatalf("said %d times, a person was told: %t: %+v", said[r.Text], told, r)
				}
			case ticket.ReplyUnknown:
				if !told {
					p.rt.Fatalf("lost: %+v", r)
				}
			case ticket.ReplyCancelled:
				if said[r.Text] != 0 {
					p.rt.Fatalf("undone, and said: %+v", r)
				}
			case ticket.ReplyPlanned, ticket.ReplyClaimed:
				p.rt.Fatalf("nothing is left to do, and it waits: %+v", r)
			}
		}
	}
}

// Whatever happens to an account while replies wait for it: none is said twice, none is lost, and within a conversation none is
// said before one that was written earlier.
func TestProgram_AccountsComeAndGo(t *testing.T) {
	p := &program{world: newWorld(t)}
	ends := map[ticket.ReplyState]int{}
	steps := []string{
		"publish", "publish", "publish", "work", "work", "work", "work", "pause", "resume", "resume", "kill", "token", "auth", "throttle", "answers", "clock", "clock", "undo",
	}
	rapid.Check(t, func(rt *rapid.T) {
		p.rt = rt
		p.begin(2)
		p.DrawCrashes(rt, 12)
		p.network.lag = time.Duration(rapid.SampledFrom([]int{0, 10, 1000}).Draw(rt, "seconds until it shows")) * time.Second
		for _, step := range rapid.SliceOfN(rapid.SampledFrom(steps), 5, 30).Draw(rt, "steps") {
			p.do(step)
			p.check(false)
		}
		p.end()
		p.check(true)
		for _, id := range p.cases {
			for _, r := range p.Proven(id).Replies {
				ends[r.State]++
			}
		}
	})
	t.Logf("ends: %v", ends)
}
