package dynamo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/storetest/engine"
	"sence.gob.cl/gestor/shared/ticket"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// wire stands between store and service. A nil hook lets the call through to next.
type wire struct {
	API
	transact func(*dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error)
	update   func(*dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error)
	put      func(*dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error)
	calls    []string
}

func (w *wire) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	w.calls = append(w.calls, "transact")
	if w.transact != nil {
		return w.transact(in)
	}
	return w.API.TransactWriteItems(ctx, in, opts...)
}

func (w *wire) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	w.calls = append(w.calls, "update")
	if w.update != nil {
		return w.update(in)
	}
	return w.API.UpdateItem(ctx, in, opts...)
}

func (w *wire) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	w.calls = append(w.calls, "put")
	if w.put != nil {
		return w.put(in)
	}
	return w.API.PutItem(ctx, in, opts...)
}

func (w *wire) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	w.calls = append(w.calls, "delete")
	return w.API.DeleteItem(ctx, in, opts...)
}

func (w *wire) store(work, bitacora string) *Store {
	return New(Config{Client: w, Table: work, Bitacora: bitacora, Clock: noon})
}

// running is a wire to a running engine.
func running(t *testing.T) (*wire, *Store) {
	e := engine.Start(t)
	w := &wire{API: e.Client}
	work, bitacora := e.Tables(t)
	return w, w.store(work, bitacora)
}

// version is a step to a version of a case of nobody.
func version(was ticket.Ticket, actor string) ticket.Change {
	to := was
	to.ID, to.State, to.Conversation, to.Version = "01TICKET", ticket.Ingresado, "conv", was.Version+1
	e := audit.Entry{Ticket: to.ID, Version: to.Version, At: noon(), Actor: actor, Kind: audit.TicketClassified}.Seal(was.Head)
	to.Head = e.Hash
	return ticket.Change{Ticket: &to, Entry: &e}
}

func everything() ticket.Change {
	c := version(ticket.Ticket{Number: "RS-1"}, "ana")
	c.Seen = &ticket.Seen{Network: mention.X, Key: "1", Rev: 1}
	c.Open = true
	c.Mentions = []ticket.Mention{{Ticket: "01TICKET", Key: "1", At: noon(), Rev: 1, Text: "palabras de la persona"}}
	c.Cancel = []outbox.Ref{{Ticket: "01TICKET", ID: "m"}}
	c.Done = []outbox.Ref{{Ticket: "01TICKET", ID: "d"}}
	c.Click = &ticket.Click{Key: "k", At: noon()}
	return c
}

// reasons makes the service's answer to a cancelled transaction: one code for each item of a plan, by what the item is.
func reasons(s *Store, c ticket.Change, codes map[string]string) error {
	ops, err := s.plan(context.Background(), c)
	if err != nil {
		return err
	}
	cancelled := &types.TransactionCanceledException{Message: aws.String("palabras de la persona")}
	for _, o := range ops {
		code := "None"
		for prefix, c := range codes {
			if strings.HasPrefix(o.table+" "+o.item.text(attrPK)+" "+o.item.text(attrSK), prefix) {
				code = c
			}
		}
		cancelled.CancellationReasons = append(cancelled.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
	}
	return &smithy.OperationError{ServiceID: "DynamoDB", OperationName: "TransactWriteItems", Err: cancelled}
}

// What the service says of several items at once becomes one answer; see the package comment for which.
func TestCommit_WhichRefusalWins(t *testing.T) {
	const no = "ConditionalCheckFailed"
	tests := []struct {
		name  string
		codes map[string]string
		kind  fault.Kind
		cause error
	}{
		{"a repeated delivery", map[string]string{"w D#x": no, "w C#": no, "w N#": no, "w T#01TICKET T": no, "b T#": no}, fault.Duplicate, ticket.ErrSeen},
		{"a repeated delivery beside a conflict", map[string]string{"w D#x": no, "w C#": "TransactionConflict"}, fault.Duplicate, ticket.ErrSeen},
		{"a repeated click on an old version", map[string]string{"w D#desk": no, "w T#01TICKET T": no, "b T#": no}, fault.Duplicate, ticket.ErrClickUsed},
		{"a stale version and a gone message", map[string]string{"w T#01TICKET T": no, "w T#01TICKET O#": no}, fault.Conflict, ticket.ErrStale},
		{"a stale version beside throttling", map[string]string{"w T#01TICKET T": no, "w N#": "ThrottlingError"}, fault.Conflict, ticket.ErrStale},
		{"an entry there already", map[string]string{"b T#": no}, fault.Conflict, ticket.ErrStale},
		{"a mention moved", map[string]string{"w T#01TICKET M#": no}, fault.Conflict, ticket.ErrStale},
		{"a gone message", map[string]string{"w T#01TICKET O#": no}, fault.NotFound, ticket.ErrGone},
		{"an open conversation and a taken number", map[string]string{"w C#": no, "w N#": no}, fault.Conflict, ticket.ErrConversationOpen},
		{"a taken number", map[string]string{"w N#": no}, fault.Conflict, ticket.ErrNumberTaken},
		{"a conflict", map[string]string{"w C#": "TransactionConflict"}, fault.Transient, nil},
		{"throttling", map[string]string{"w C#": "ThrottlingError", "w N#": "ProvisionedThroughputExceeded"}, fault.Transient, nil},
		{"a mistake of ours", map[string]string{"w C#": "TransactionConflict", "w N#": "ValidationError"}, fault.Permanent, nil},
		{"no reason at all", nil, fault.Transient, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &wire{}
			s := w.store("w", "b")
			w.transact = func(*dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
				return nil, reasons(s, everything(), tt.codes)
			}
			err := s.Commit(t.Context(), everything())
			if fault.Of(err) != tt.kind || tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("Commit = %v, want %s: %v", err, tt.kind, tt.cause)
			}
			if strings.Contains(err.Error(), "palabras") {
				t.Errorf("the error carries a citizen's words: %v", err)
			}
		})
	}
}

// The number of a case is refused under an operation of its own.
func TestCommit_NamesTheNumber(t *testing.T) {
	w := &wire{}
	s := w.store("w", "b")
	w.transact = func(*dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
		return nil, reasons(s, everything(), map[string]string{"w N#": "ConditionalCheckFailed"})
	}
	var f *fault.Error
	if err := s.Commit(t.Context(), everything()); !errors.As(err, &f) || f.Op != "dynamo.Commit: number" {
		t.Errorf("Commit = %v, want the operation dynamo.Commit: number", err)
	}
}

// The service's failures by the kind they ask of the caller; none carries what the service quotes.
func TestCommit_Failures(t *testing.T) {
	api := func(code string) error {
		return &smithy.OperationError{Err: &smithy.GenericAPIError{Code: code, Message: "palabras de la persona"}}
	}
	tests := []struct {
		name string
		err  error
		kind fault.Kind
	}{
		{"throttled", api("ThrottlingException"), fault.Transient},
		{"over capacity", api("ProvisionedThroughputExceededException"), fault.Transient},
		{"over the account's limit", api("RequestLimitExceeded"), fault.Transient},
		{"conflict of one item", api("TransactionConflictException"), fault.Transient},
		{"still in progress", api("TransactionInProgressException"), fault.Transient},
		{"its own failure", api("InternalServerError"), fault.Transient},
		{"an unknown code", api("SomethingNew"), fault.Transient},
		{"invalid", api("ValidationException"), fault.Permanent},
		{"no such table", api("ResourceNotFoundException"), fault.Permanent},
		{"not allowed", api("AccessDeniedException"), fault.Permanent},
		{"another content under the token", api("IdempotentParameterMismatchException"), fault.Permanent},
		{"connection reset", fmt.Errorf("request failed: %w", io.ErrUnexpectedEOF), fault.Transient},
		{"deadline", fmt.Errorf("request failed: %w", context.DeadlineExceeded), fault.Transient},
		{"cancelled", fmt.Errorf("request failed: %w", context.Canceled), fault.Transient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &wire{
				transact: func(*dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
					return nil, tt.err
				},
				put: func(*dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) { return nil, tt.err },
			}
			s := w.store("w", "b")
			for _, c := range []ticket.Change{everything(), {Seen: everything().Seen}} {
				err := s.Commit(t.Context(), c)
				if fault.Of(err) != tt.kind || strings.Contains(err.Error(), "palabras") {
					t.Errorf("Commit = %v, want %s and nothing of the service's text", err, tt.kind)
				}
			}
		})
	}
}

// An answer that is lost after the service wrote is a passing failure; asking again is a success, also when the service
// has forgotten the token, and never a second step.
func TestCommit_AnswerLost(t *testing.T) {
	w, s := running(t)
	first := version(ticket.Ticket{}, "ana")
	first.Send = []outbox.Message{outbox.New("m", outbox.Publish, "01TICKET", "r", "conv", noon())}
	forget := func(in *dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
		in.ClientRequestToken = nil
		return w.API.TransactWriteItems(t.Context(), in)
	}
	w.transact = func(in *dynamodb.TransactWriteItemsInput) (*dynamodb.TransactWriteItemsOutput, error) {
		if _, err := forget(in); err != nil {
			t.Fatal(err)
		}
		return nil, io.ErrUnexpectedEOF
	}
	if err := s.Commit(t.Context(), first); !fault.Is(err, fault.Transient) {
		t.Fatalf("Commit = %v, want transient", err)
	}
	w.transact = forget
	if err := s.Commit(t.Context(), first); err != nil {
		t.Errorf("asking again: %v", err)
	}
	second := version(*first.Ticket, "ana")
	second.Done = []outbox.Ref{{Ticket: "01TICKET", ID: "m"}}
	if err := s.Commit(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for _, c := range []ticket.Change{first, second} {
		if err := s.Commit(t.Context(), c); err != nil {
			t.Errorf("asking again when the case has gone on: %v", err)
		}
	}
	other := second
	other.Done = nil // the same entry, but not the same step
	if err := s.Commit(t.Context(), other); !errors.Is(err, ticket.ErrStale) {
		t.Errorf("another step with the same entry: %v, want stale", err)
	}
	if chain, err := s.History(t.Context(), "01TICKET"); err != nil || len(chain) != 2 || audit.Verify(chain) != nil {
		t.Errorf("History = %d entries, %v", len(chain), err)
	}
}

// When the client itself asks again after a lost answer to a claim, the claim is ours; another worker's is not.
func TestCommit_ClaimAskedAgain(t *testing.T) {
	w, s := running(t)
	message := outbox.New("m", outbox.Publish, "01TICKET", "r", "conv", noon())
	if err := s.Commit(t.Context(), ticket.Change{Send: []outbox.Message{message}}); err != nil {
		t.Fatal(err)
	}
	w.update = func(in *dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
		if _, err := w.API.UpdateItem(t.Context(), in); err != nil {
			return nil, err
		}
		return w.API.UpdateItem(t.Context(), in) // the answer of the first was lost
	}
	ref := message.Ref()
	claim := ticket.Change{Claim: &ref, ClaimAt: noon()}
	if err := s.Commit(t.Context(), claim); err != nil {
		t.Errorf("our own claim: %v", err)
	}
	if err := s.Commit(t.Context(), claim); !errors.Is(err, ticket.ErrClaimed) || !fault.Is(err, fault.Duplicate) {
		t.Errorf("another worker's claim: %v, want duplicate: claimed", err)
	}
}

// Whoever takes the keys of an account to renew them knows his own step again when its answer is lost.
func TestCommit_LeaseAskedAgain(t *testing.T) {
	w, s := running(t)
	w.put = func(in *dynamodb.PutItemInput) (*dynamodb.PutItemOutput, error) {
		if _, err := w.API.PutItem(t.Context(), in); err != nil {
			return nil, err
		}
		return w.API.PutItem(t.Context(), in)
	}
	mine := channel.Grant{Ref: channel.Ref{Network: mention.X, Account: "1"}, Sealed: "k1.a", LeaseBy: "uno", Rev: 1}
	if err := s.Commit(t.Context(), ticket.Change{Grant: &mine}); err != nil {
		t.Errorf("our own: %v", err)
	}
	other := mine
	other.LeaseBy = "otro"
	if err := s.Commit(t.Context(), ticket.Change{Grant: &other}); !errors.Is(err, ticket.ErrStale) || !fault.Is(err, fault.Conflict) {
		t.Errorf("another's: %v, want conflict: stale", err)
	}
}

// One item is written by one plain call, at half the price; several by one transaction.
func TestCommit_OneCall(t *testing.T) {
	w, s := running(t)
	ref := outbox.Ref{Ticket: "01TICKET", ID: "m"}
	account := channel.Ref{Network: mention.X, Account: "1"}
	tests := []struct {
		want   string
		change ticket.Change
	}{
		{"put", ticket.Change{Seen: &ticket.Seen{Network: mention.X, Key: "1", Rev: 1}}},
		{"put", ticket.Change{Channel: &channel.Channel{Ref: account, State: channel.Working, Rev: 1}}},
		{"put", ticket.Change{Grant: &channel.Grant{Ref: account, Sealed: "k1.a", Rev: 1}}},
		{"update", ticket.Change{Spend: &channel.Spend{Ref: account, Day: "2026-11-23", Micros: map[string]int64{"a": 1, "b": 2}}}},
		{"", ticket.Change{Spend: &channel.Spend{Ref: account, Day: "2026-11-23"}}},
		{"put", ticket.Change{Send: []outbox.Message{outbox.New("m", outbox.File, "01TICKET", "", "conv", noon())}}},
		{"update", ticket.Change{HandedOver: &ref, HandedAt: noon()}},
		{"update", ticket.Change{Claim: &ref, ClaimAt: noon()}},
		{"delete", ticket.Change{Done: []outbox.Ref{ref}}},
		{"transact", version(ticket.Ticket{}, "ana")},
		{"", ticket.Change{}},
	}
	for _, tt := range tests {
		w.calls = nil
		if err := s.Commit(t.Context(), tt.change); err != nil {
			t.Errorf("%s: %v", tt.want, err)
		}
		if got := strings.Join(w.calls, " "); got != tt.want {
			t.Errorf("calls %q, want %q", got, tt.want)
		}
	}
	many := ticket.Change{}
	for i := range maxItems + 1 {
		many.Settle = append(many.Settle, ticket.Attention{Ticket: "t", ID: fmt.Sprint(i)})
	}
	if err := s.Commit(t.Context(), many); !fault.Is(err, fault.Permanent) {
		t.Errorf("%d items: %v, want permanent", maxItems+1, err)
	}
}

// The token is one step's own: the same for the same content, another for any other, and short enough for the service.
func TestDigest(t *testing.T) {
	s := (&wire{}).store("w", "b")
	of := func(c ticket.Change) string {
		ops, err := s.plan(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		return digest(ops)
	}
	want := of(everything())
	if len(want) == 0 || len(want) > 36 || len(want) != len(noToken) {
		t.Errorf("token %q has %d letters", want, len(want))
	}
	if again := of(everything()); again != want {
		t.Errorf("the same step has tokens %s and %s", want, again)
	}
	for name, change := range map[string]func(*ticket.Change){
		"a text":    func(c *ticket.Change) { c.Mentions[0].Text += "." },
		"a rev":     func(c *ticket.Change) { c.Mentions[0].Rev = 2 },
		"a message": func(c *ticket.Change) { c.Cancel[0].ID = "n" },
		"a verb":    func(c *ticket.Change) { c.Cancel, c.Done = nil, append(c.Done, c.Cancel...) },
		"a part":    func(c *ticket.Change) { c.Open = false },
	} {
		c := everything()
		change(&c)
		if of(c) == want {
			t.Errorf("%s changes nothing in the token", name)
		}
	}
}
