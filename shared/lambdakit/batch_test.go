package lambdakit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/lambdakit"
)

// queued is one message of a batch, of a FIFO queue when it has a group.
func queued(id, group string, received int) events.SQSMessage {
	m := events.SQSMessage{
		MessageId: id, Body: "cuerpo de " + id,
		Attributes: map[string]string{"ApproximateReceiveCount": strconv.Itoa(received)},
	}
	if group != "" {
		m.Attributes["MessageGroupId"] = group
	}
	return m
}

func sqsEvent(records ...events.SQSMessage) events.SQSEvent { return events.SQSEvent{Records: records} }

func failed(r events.SQSEventResponse) []string {
	var ids []string
	for _, f := range r.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// failing gives the work that fails for some messages, and the bodies it was given.
func failing(faults map[string]error) (work func(context.Context, time.Time, lambdakit.Message) error, worked func() []string) {
	var mu sync.Mutex
	var seen []string
	return func(_ context.Context, _ time.Time, m lambdakit.Message) error {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, m.ID)
			return faults[m.ID]
		}, func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(seen)
		}
}

// settledKinds are the failures no retry changes; all others come back.
func settledKinds() map[fault.Kind]bool {
	return map[fault.Kind]bool{
		fault.Duplicate: true, fault.Invalid: true, fault.Denied: true, fault.NotFound: true,
		fault.Conflict: false, fault.Transient: false, fault.Permanent: false, fault.Poison: false, fault.Uncertain: false,
	}
}

func TestQueue_OnlyWhatMayHelpComesBack(t *testing.T) {
	tests := map[string]struct {
		err  error
		back bool
	}{
		"nothing failed":             {nil, false},
		"an error of nobody":         {errors.New("x"), true},
		"a wrapped settled failure":  {fmt.Errorf("outer: %w", fault.New(fault.Duplicate, "a.Op", nil)), false},
		"a wrapped transient":        {fmt.Errorf("outer: %w", fault.New(fault.Transient, "a.Op", nil)), true},
		"a kind of a later version":  {fault.New(fault.Kind(99), "a.Op", nil), true},
		"a settled cause, not fault": {fault.New(fault.Transient, "a.Op", fault.New(fault.NotFound, "b.Op", nil)), true},
	}
	for kind, settled := range settledKinds() {
		tests[kind.String()] = struct {
			err  error
			back bool
		}{fault.New(kind, "a.Op", nil), !settled}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			kit, _ := newKit()
			work, _ := failing(map[string]error{"m2": tt.err})
			var want []string
			if tt.back {
				want = []string{"m2"}
			}
			batch := sqsEvent(queued("m1", "", 1), queued("m2", "", 1), queued("m3", "", 1))
			for kind, handle := range map[string]func(context.Context, events.SQSEvent) (events.SQSEventResponse, error){
				"Queue": kit.Queue("unit", work), "Parallel": kit.Parallel("unit", 2, work),
			} {
				got, err := handle(invoked(t, noon()), batch)
				if err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
				if diff := cmp.Diff(want, failed(got)); diff != "" {
					t.Errorf("%s: failures (-want +got):\n%s", kind, diff)
				}
			}
		})
	}
}

func TestQueue_GivesTheMessage(t *testing.T) {
	kit, _ := newKit()
	var got []lambdakit.Message
	handle := kit.Queue("unit", func(_ context.Context, _ time.Time, m lambdakit.Message) error {
		got = append(got, m)
		return nil
	})
	uncounted := queued("m3", "g", 1)
	delete(uncounted.Attributes, "ApproximateReceiveCount")
	if _, err := handle(invoked(t, noon()), sqsEvent(queued("m1", "g", 1), queued("m2", "", 5), uncounted)); err != nil {
		t.Fatal(err)
	}
	want := []lambdakit.Message{
		{ID: "m1", Body: "cuerpo de m1", Group: "g", Received: 1},
		{ID: "m2", Body: "cuerpo de m2", Received: 5},
		{ID: "m3", Body: "cuerpo de m3", Group: "g", Received: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// A FIFO source stops at the first failure of a group, hands back the rest of that group unworked, and no other.
func TestQueue_FIFOStopsOneGroup(t *testing.T) {
	kit, _ := newKit()
	again, done := fault.New(fault.Transient, "a.Op", nil), fault.New(fault.Duplicate, "a.Op", nil)
	work, worked := failing(map[string]error{"a2": again, "b1": done, "c2": again})
	got, err := kit.Queue("unit", work)(invoked(t, noon()), sqsEvent(
		queued("a1", "a", 1), queued("b1", "b", 1), queued("a2", "a", 1), queued("a3", "a", 1), queued("b2", "b", 1),
		queued("c1", "c", 1), queued("c2", "c", 1), queued("a4", "a", 1), queued("b3", "b", 1), queued("c3", "c", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a2", "a3", "c2", "a4", "c3"}, failed(got)); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a1", "b1", "a2", "b2", "c1", "c2", "b3"}, worked()); diff != "" {
		t.Errorf("worked (-want +got):\n%s", diff)
	}
}

// Whatever fails: each message is worked at most once; of each group exactly the first failure and what follows comes
// back; without a group exactly the failures.
func TestQueue_ComesBackExactly(t *testing.T) {
	kit, _ := newKit()
	ctx := invoked(t, noon())
	rapid.Check(t, func(t *rapid.T) {
		var in []events.SQSMessage
		faults, want := map[string]error{}, []string(nil)
		broken := map[string]bool{}
		for i := range rapid.IntRange(0, 10).Draw(t, "size") {
			id, group := fmt.Sprintf("m%d", i), rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "group")
			in = append(in, queued(id, group, 1))
			kind := rapid.SampledFrom([]fault.Kind{0, 0, 0, fault.Transient, fault.NotFound}).Draw(t, "kind")
			if kind != 0 {
				faults[id] = fault.New(kind, "a.Op", nil)
			}
			fails := kind == fault.Transient
			if fails || group != "" && broken[group] {
				want = append(want, id)
				broken[group] = true
			}
		}
		work, worked := failing(faults)
		got, err := kit.Queue("unit", work)(ctx, sqsEvent(in...))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, failed(got)); diff != "" {
			t.Fatalf("failures (-want +got):\n%s", diff)
		}
		ids := worked()
		slices.Sort(ids)
		if len(slices.Compact(ids)) != len(worked()) {
			t.Fatalf("worked twice: %v", worked())
		}
	})
}

// Parallel never runs more than its width at once, and works everything.
func TestParallel_Width(t *testing.T) {
	const width, size = 3, 10
	kit, _ := newKit()
	var mu sync.Mutex
	running, most := 0, 0
	full := make(chan struct{})
	handle := kit.Parallel("unit", width, func(context.Context, time.Time, lambdakit.Message) error {
		mu.Lock()
		running++
		most = max(most, running)
		if running == width && most == width {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full // nobody ends before the width is reached once: narrower would hang
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	})
	var in []events.SQSMessage
	for i := range size {
		in = append(in, queued(fmt.Sprintf("m%d", i), "", 1))
	}
	got, err := handle(invoked(t, noon()), sqsEvent(in...))
	if err != nil || len(failed(got)) != 0 {
		t.Errorf("failures %v, %v", failed(got), err)
	}
	if most != width {
		t.Errorf("%d at once, want %d", most, width)
	}
}

// A message that brings its worker down is one failed message: its neighbours are worked and acknowledged.
func TestBatch_APanicIsOneFailure(t *testing.T) {
	kit, book := newKit()
	work := func(_ context.Context, _ time.Time, m lambdakit.Message) error {
		if m.ID == "m2" {
			panic("palabras de la persona")
		}
		return nil
	}
	batch := sqsEvent(queued("m1", "", 1), queued("m2", "", 1), queued("m3", "", 1))
	for name, handle := range map[string]func(context.Context, events.SQSEvent) (events.SQSEventResponse, error){
		"Queue": kit.Queue("unit", work), "Parallel": kit.Parallel("unit", 2, work),
	} {
		got, err := handle(invoked(t, noon()), batch)
		if diff := cmp.Diff([]string{"m2"}, failed(got)); err != nil || diff != "" {
			t.Errorf("%s: %v, failures (-want +got):\n%s", name, err, diff)
		}
	}
	stream := kit.Stream("unit", func(context.Context, time.Time, lambdakit.Record) error { panic("palabras de la persona") })
	got, err := stream(invoked(t, noon()), streamEvent("7"))
	if err != nil || len(got.BatchItemFailures) != 1 || got.BatchItemFailures[0].ItemIdentifier != "7" {
		t.Errorf("Stream: %+v, %v", got, err)
	}
	if strings.Contains(book.text(), "palabras") || !strings.Contains(book.text(), "batch_test.go") {
		t.Errorf("the log must say where and not what: %s", book.text())
	}
}

// streamEvent is a batch of new items with these sequence numbers.
func streamEvent(sequences ...string) events.DynamoDBEvent {
	var in events.DynamoDBEvent
	for _, s := range sequences {
		in.Records = append(in.Records, events.DynamoDBEventRecord{EventName: "INSERT", Change: events.DynamoDBStreamRecord{
			SequenceNumber: s, NewImage: map[string]events.DynamoDBAttributeValue{
				"row": events.NewStringAttribute("fila de " + s), "v": events.NewNumberAttribute("12345678901234567890"),
				"doc": events.NewBinaryAttribute([]byte("x")), "gone": events.NewNullAttribute(), "yes": events.NewBooleanAttribute(true),
			},
		}})
	}
	return in
}

// A stream goes on only past what was acknowledged: the answer is the first failing sequence number, and nothing behind
// it is worked.
func TestStream_StopsAtTheFirstFailure(t *testing.T) {
	again, done := fault.New(fault.Transient, "a.Op", nil), fault.New(fault.NotFound, "a.Op", nil)
	tests := []struct {
		name   string
		faults map[string]error
		back   string
		worked []string
	}{
		{"nothing fails", nil, "", []string{"100", "200", "300"}},
		{"settled failures go on", map[string]error{"100": done, "200": done, "300": done}, "", []string{"100", "200", "300"}},
		{"the second fails", map[string]error{"100": done, "200": again, "300": again}, "200", []string{"100", "200"}},
		{"an error of nobody", map[string]error{"100": errors.New("x")}, "100", []string{"100"}},
		{"poison", map[string]error{"300": fault.New(fault.Poison, "a.Op", nil)}, "300", []string{"100", "200", "300"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kit, _ := newKit()
			var worked []string
			handle := kit.Stream("unit", func(_ context.Context, now time.Time, r lambdakit.Record) error {
				if !now.Equal(noon()) {
					t.Errorf("now = %s", now)
				}
				want := map[string]string{"row": "fila de " + r.Sequence, "v": "12345678901234567890"}
				if diff := cmp.Diff(want, r.Text); diff != "" {
					t.Errorf("record (-want +got):\n%s", diff)
				}
				worked = append(worked, r.Sequence)
				return tt.faults[r.Sequence]
			})
			got, err := handle(invoked(t, noon()), streamEvent("100", "200", "300"))
			if err != nil {
				t.Fatal(err)
			}
			var want []events.DynamoDBBatchItemFailure
			if tt.back != "" {
				want = []events.DynamoDBBatchItemFailure{{ItemIdentifier: tt.back}}
			}
			if diff := cmp.Diff(want, got.BatchItemFailures, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("failures (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.worked, worked); diff != "" {
				t.Errorf("worked (-want +got):\n%s", diff)
			}
		})
	}
}

// One function serves the minute rule and a queue: the event's shape tells which.
func TestMinute_TellsByShape(t *testing.T) {
	sqs, err := json.Marshal(sqsEvent(queued("m1", "", 1), queued("m2", "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	const rule = `{"version":"0","id":"x","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000",` +
		`"time":"2026-11-23T15:00:00Z","region":"us-east-1","resources":[],"detail":{}}`
	kit, _ := newKit()
	var swept []time.Time
	broken := errors.New("x")
	work, worked := failing(map[string]error{"m2": broken})
	handle := kit.Minute("sweep", func(_ context.Context, at time.Time) error {
		swept = append(swept, at)
		if len(swept) > 1 {
			return broken
		}
		return nil
	}, kit.Parallel("ripe", 2, work))
	if _, err := handle(invoked(t, noon().Add(time.Hour)), json.RawMessage(rule)); err != nil {
		t.Errorf("the rule: %v", err)
	}
	out, err := handle(invoked(t, noon()), sqs)
	answer, ok := out.(events.SQSEventResponse)
	if err != nil || !ok || !slices.Equal(failed(answer), []string{"m2"}) || len(worked()) != 2 {
		t.Errorf("the queue: %+v, %v, worked %v", out, err, worked())
	}
	if len(swept) != 1 || !swept[0].Equal(noon()) {
		t.Errorf("swept at %v, want the rule's own instant, once", swept)
	}
	if _, err := handle(invoked(t, noon()), json.RawMessage(rule)); !errors.Is(err, broken) {
		t.Errorf("a sweep that failed answers %v", err)
	}
	if _, err := handle(invoked(t, noon()), json.RawMessage(`{"time":`)); err == nil {
		t.Error("what is no JSON was taken")
	}
}

// An event that is neither stands for no instant: a sweep of the year 1 would find nothing and say that all is well.
func TestMinute_RefusesWhatIsNeither(t *testing.T) {
	kit, _ := newKit()
	handle := kit.Minute("sweep", func(_ context.Context, at time.Time) error {
		t.Errorf("swept at %s", at)
		return nil
	}, kit.Parallel("ripe", 1, func(context.Context, time.Time, lambdakit.Message) error { return nil }))
	for _, in := range []string{`{}`, `{"Records":[]}`, `{"time":"0001-01-01T00:00:00Z"}`, `null`} {
		if _, err := handle(invoked(t, noon()), json.RawMessage(in)); err == nil {
			t.Errorf("%s was taken", in)
		}
	}
}
