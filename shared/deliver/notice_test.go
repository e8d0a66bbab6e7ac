package deliver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// noticeStore keeps messages as the real store does: a claim wins once, what is done is gone, and all of a Change is
// written or nothing. broken, when set, is asked before each write.
type noticeStore struct {
	about    ticket.Ticket
	messages map[outbox.Ref]outbox.Message
	claimed  map[outbox.Ref]bool
	written  []ticket.Change
	broken   func(ticket.Change) error
}

func (s *noticeStore) Ticket(_ context.Context, id string) (ticket.Ticket, error) {
	if id != s.about.ID {
		return ticket.Ticket{}, fault.New(fault.NotFound, "test", nil)
	}
	return s.about, nil
}

func (s *noticeStore) Reply(context.Context, string, string) (ticket.Reply, error) {
	return ticket.Reply{}, errors.New("a notice reads no reply")
}

func (s *noticeStore) Mention(context.Context, string, string, time.Time) (ticket.Mention, error) {
	return ticket.Mention{}, errors.New("a notice reads no mention")
}

func (s *noticeStore) Message(_ context.Context, ref outbox.Ref) (outbox.Message, bool, bool, error) {
	m, found := s.messages[ref]
	return m, s.claimed[ref], found, nil
}

func (s *noticeStore) Commit(_ context.Context, c ticket.Change) error {
	if s.broken != nil {
		if err := s.broken(c); err != nil {
			return err
		}
	}
	for _, ref := range c.Done {
		if _, found := s.messages[ref]; !found {
			return fault.New(fault.NotFound, "test", ticket.ErrGone)
		}
	}
	if c.Claim != nil {
		if _, found := s.messages[*c.Claim]; !found {
			return fault.New(fault.NotFound, "test", ticket.ErrGone)
		}
		if s.claimed[*c.Claim] {
			return fault.New(fault.Duplicate, "test", ticket.ErrClaimed)
		}
		s.claimed[*c.Claim] = true
	}
	for _, ref := range c.Done {
		delete(s.messages, ref)
	}
	for _, m := range c.Send {
		s.messages[m.Ref()] = m
	}
	s.written = append(s.written, c)
	return nil
}

// postbox takes letters, and fails as often as it is told to.
type postbox struct {
	letters []deliver.Notice
	errs    []error
}

func (p *postbox) Send(_ context.Context, n deliver.Notice) error {
	p.letters = append(p.letters, n)
	if len(p.errs) == 0 {
		return nil
	}
	err := p.errs[0]
	p.errs = p.errs[1:]
	return err
}

type noticed struct {
	*testing.T
	store  *noticeStore
	box    *postbox
	log    bytes.Buffer
	worker *deliver.Worker
	first  outbox.Message
	quiet  time.Time // letters wait until then; zero: they do not
}

var noticeTime = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func withNotice(t *testing.T, to ...string) *noticed {
	t.Helper()
	n := &noticed{T: t, box: &postbox{}, first: outbox.New("01CASO-000004-n", outbox.Notify, "01CASO", "reply_refused-r000003", "01CASO", noticeTime)}
	n.store = &noticeStore{
		about: ticket.Ticket{
			ID: "01CASO", Number: "RS-2026-0000001-1", Version: 4, Network: mention.Facebook, Conversation: "facebook#persona-secreta",
			Excerpt: "palabras de la persona", Citizen: ticket.Citizen{Name: "Persona Ficticia Rojas", Handle: "persona.ficticia", Key: "clave-de-persona"},
		},
		messages: map[outbox.Ref]outbox.Message{n.first.Ref(): n.first}, claimed: map[outbox.Ref]bool{},
	}
	n.worker = deliver.New(deliver.Config{
		Open:  func(_ context.Context, id string) (string, error) { return id, nil },
		Store: n.store, Jitter: func() float64 { return 1 },
		Notices: deliver.Notices{
			Mailer: n.box, To: to, Console: "https://gestor.example/", Log: slog.New(slog.NewTextHandler(&n.log, nil)),
			Quiet: func(now time.Time) (time.Time, bool) { return n.quiet, now.Before(n.quiet) },
		},
	})
	return n
}

// handle delivers a message as the queue does.
func (n *noticed) handle(m outbox.Message, now time.Time) error {
	n.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		n.Fatal(err)
	}
	return n.worker.Handle(n.Context(), now, string(body))
}

func (n *noticed) must(m outbox.Message, now time.Time) {
	n.Helper()
	if err := n.handle(m, now); err != nil {
		n.Fatalf("Handle: %v", err)
	}
}

// ended checks that nothing is left to do, that so many letters were tried, and that the case was never touched.
func (n *noticed) ended(letters int) {
	n.Helper()
	if len(n.store.messages) != 0 {
		n.Errorf("left in the outbox: %v", n.store.messages)
	}
	if len(n.box.letters) != letters {
		n.Errorf("%d letters, want %d", len(n.box.letters), letters)
	}
	for _, c := range n.store.written {
		if c.Ticket != nil || c.Entry != nil || len(c.Replies)+len(c.Settle)+len(c.Raise) != 0 {
			n.Errorf("a notice changed the case: %+v", c)
		}
	}
}

func TestNotice_Letter(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example", "ti@sence.example")
	n.must(n.first, noticeTime)
	n.ended(1)
	want := deliver.Notice{
		To:      []string{"supervisora@sence.example", "ti@sence.example"},
		Subject: "RS-2026-0000001-1: La red rechazó la respuesta",
		Text: "Hola:\n\nUn caso espera que alguien lo revise. La red rechazó la respuesta.\n\nCaso: RS-2026-0000001-1\nRed: Facebook\n\n" +
			"Qué hacer ahora: Abre el caso: el texto está ahí. Corrígelo según el motivo y envíalo de nuevo.\n\n" +
			"https://gestor.example/casos/01CASO\n\nEste aviso llega una sola vez. No respondas a este correo.\n",
	}
	if diff := cmp.Diff(want, n.box.letters[0]); diff != "" {
		t.Errorf("letter (-want +got):\n%s", diff)
	}
}

// At night a letter waits for the morning, as a message that is due then: nothing is late meanwhile, and it leaves once.
func TestNotice_QuietHours(t *testing.T) {
	n := withNotice(t, "ti@sence.example")
	n.quiet = noticeTime.Add(9 * time.Hour)
	n.must(n.first, noticeTime)
	n.must(n.first, noticeTime) // the queue brings it again
	if len(n.box.letters) != 0 || len(n.store.messages) != 1 {
		t.Fatalf("%d letters at night, %d messages", len(n.box.letters), len(n.store.messages))
	}
	for _, m := range n.store.messages {
		if !m.Due.Equal(n.quiet) || !m.First.Equal(n.quiet) || m.Topic != outbox.Notify || m.Subject != n.first.Subject {
			t.Errorf("waits as %+v", m)
		}
		n.must(m, m.Due)
	}
	n.ended(1)
}

// Each kind of matter and each network has its own words, and none tells anything of the person.
func TestNotice_EveryKind(t *testing.T) {
	subjects := map[string]bool{}
	kinds := []string{
		ticket.MatterReplyUnknown, ticket.MatterReplyRefused, ticket.MatterReplyExpired, ticket.MatterSIACUnknown, ticket.MatterSIACRefused,
		ticket.MatterActProposed, ticket.MatterActRefused, "kind_of_tomorrow",
	}
	for i, kind := range kinds {
		n := withNotice(t, "supervisora@sence.example")
		n.store.about.Network = mention.Networks()[i%len(mention.Networks())]
		m := n.first
		m.Subject = kind + "-r000003"
		n.must(m, noticeTime)
		n.ended(1)
		l := n.box.letters[0]
		subjects[l.Subject] = true
		for _, person := range []string{"palabras", "Rojas", "persona", "clave", "secreta", kind, "r000003"} {
			if strings.Contains(l.Subject+l.Text, person) {
				t.Errorf("%s: the letter holds %q:\n%s", kind, person, l.Text)
			}
		}
		if strings.Contains(l.Text, "\nRed: "+string(n.store.about.Network)+"\n") {
			t.Errorf("%s is not named in words", n.store.about.Network)
		}
	}
	if len(subjects) != len(kinds) {
		t.Errorf("%d kinds have %d subjects", len(kinds), len(subjects))
	}
}

func TestNotice_OnceUnderRedelivery(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example")
	for range 3 {
		n.must(n.first, noticeTime)
	}
	n.ended(1)
}

// The function dies, or the store does, after the letter left and before that is written: the next try does not send.
func TestNotice_OnceAfterACrash(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example")
	n.store.broken = func(c ticket.Change) error {
		if len(c.Done) > 0 {
			return fault.New(fault.Transient, "test", nil)
		}
		return nil
	}
	if err := n.handle(n.first, noticeTime); fault.Of(err) != fault.Transient {
		t.Fatalf("Handle = %v, want the message back", err)
	}
	n.store.broken = nil
	n.must(n.first, noticeTime.Add(3*time.Minute))
	n.ended(1)
	if !strings.Contains(n.log.String(), "notice given up") || !strings.Contains(n.log.String(), "ticket=01CASO") {
		t.Errorf("the log does not tell it: %s", n.log.String())
	}
}

// Another worker claims between our look and our claim.
func TestNotice_SomebodyFaster(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example")
	n.store.broken = func(c ticket.Change) error {
		if c.Claim != nil {
			return fault.New(fault.Duplicate, "test", ticket.ErrClaimed)
		}
		return nil
	}
	n.must(n.first, noticeTime)
	n.ended(0)

	n = withNotice(t, "supervisora@sence.example")
	n.store.broken = func(c ticket.Change) error {
		if c.Claim != nil {
			delete(n.store.messages, *c.Claim)
		}
		return nil
	}
	n.must(n.first, noticeTime)
	n.ended(0)
}

// Without a claim nothing is sent: a store that cannot write costs a retry and no letter.
func TestNotice_NoClaimNoLetter(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example")
	n.store.broken = func(ticket.Change) error { return fault.New(fault.Transient, "test", nil) }
	if err := n.handle(n.first, noticeTime); fault.Of(err) != fault.Transient {
		t.Fatalf("Handle = %v, want the message back", err)
	}
	if len(n.box.letters) != 0 {
		t.Errorf("%d letters without a claim", len(n.box.letters))
	}
}

func TestNotice_TransientIsTriedAgain(t *testing.T) {
	n := withNotice(t, "supervisora@sence.example")
	throttled := fault.New(fault.Transient, "test", nil)
	patient := fault.New(fault.Transient, "test", nil)
	patient.RetryAfter = time.Hour
	n.box.errs = []error{throttled, patient}
	now, m := noticeTime, n.first
	for attempt, wait := range []time.Duration{time.Second, time.Hour} {
		n.must(m, now)
		if len(n.store.messages) != 1 {
			t.Fatalf("after try %d: %v in the outbox", attempt+1, n.store.messages)
		}
		for _, again := range n.store.messages {
			if again.Attempt != attempt+2 || again.Topic != outbox.Notify || again.Subject != m.Subject || again.Group != m.Group ||
				!again.First.Equal(noticeTime) || !again.Due.Equal(now.Add(wait)) {
				t.Errorf("after try %d: %+v, want it again in %s", attempt+1, again, wait)
			}
			now, m = again.Due, again
		}
	}
	n.must(m, now)
	n.ended(3)
	if n.log.Len() != 0 {
		t.Errorf("a letter that left is in the log: %s", n.log.String())
	}
}

func TestNotice_GivenUp(t *testing.T) {
	for name, tt := range map[string]struct {
		err error
		at  time.Duration
	}{
		"refused for ever":       {fault.New(fault.Permanent, "test", nil), 0},
		"perhaps sent":           {fault.New(fault.Uncertain, "test", nil), 0},
		"an error without kind":  {errors.New("test"), 0},
		"throttled for a day":    {fault.New(fault.Transient, "test", nil), 24*time.Hour + time.Second},
		"denied":                 {fault.New(fault.Denied, "test", nil), 0},
		"not a letter they take": {fault.New(fault.Invalid, "test", nil), 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := withNotice(t, "supervisora@sence.example")
			n.box.errs = []error{tt.err}
			n.must(n.first, noticeTime.Add(tt.at))
			n.must(n.first, noticeTime.Add(tt.at))
			n.ended(1)
			if !strings.Contains(n.log.String(), "notice given up") || strings.Contains(n.log.String(), "@") {
				t.Errorf("log = %q, want the end told without an address", n.log.String())
			}
		})
	}
	n := withNotice(t, "supervisora@sence.example")
	n.box.errs = []error{fault.New(fault.Transient, "test", nil)}
	n.must(n.first, noticeTime.Add(24*time.Hour))
	if len(n.store.messages) != 1 {
		t.Error("given up before the day was over")
	}
}

func TestNotice_NobodyToTell(t *testing.T) {
	n := withNotice(t)
	n.must(n.first, noticeTime)
	n.ended(0)
	if n.log.Len() != 0 {
		t.Errorf("nobody asked for letters, and the log says %s", n.log.String())
	}
}
