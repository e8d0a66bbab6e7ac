package poller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

const testStream = "arn:aws:dynamodb:dynoxide:000000000000:table/Work/stream/1"

// ledger is a function that notes which records it was given, event by event, and fails as a test says.
type ledger struct {
	t    *testing.T
	mu   sync.Mutex
	got  [][]string
	fail func(batch []string) (lambda.Result, error) // nil: all is well
}

func (l *ledger) invoke(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch := sequences(l.t, payload)
	l.got = append(l.got, batch)
	if l.fail == nil {
		return lambda.Result{}, nil
	}
	return l.fail(batch)
}

func (l *ledger) batches() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, b := range l.got {
		out = append(out, strings.Join(b, ","))
	}
	return strings.Join(out, " ")
}

func crash() (lambda.Result, error) {
	return lambda.Result{FunctionError: lambda.Unhandled, Payload: []byte(`{"errorType":"Boom"}`)}, nil
}

func refused(ids ...string) (lambda.Result, error) {
	var r events.DynamoDBEventResponse
	for _, id := range ids {
		r.BatchItemFailures = append(r.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: id})
	}
	return answer(r)
}

func TestStream_event(t *testing.T) {
	stream := newRiver("s1")
	local := time.Date(2031, 5, 4, 3, 2, 1, 500, time.UTC)
	item := map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: "T#1"}, "n": &types.AttributeValueMemberN{Value: "12345678901234567890"},
		"b": &types.AttributeValueMemberB{Value: []byte{0, 255}}, "yes": &types.AttributeValueMemberBOOL{Value: true},
		"null": &types.AttributeValueMemberNULL{Value: true}, "ss": &types.AttributeValueMemberSS{Value: []string{"x", "y"}},
		"ns": &types.AttributeValueMemberNS{Value: []string{"1"}}, "bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "<ñ>"}}},
		"m": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"in": &types.AttributeValueMemberN{Value: "1"}}},
	}
	stream.add("s1", types.Record{
		EventName:    types.OperationTypeModify,
		UserIdentity: &types.Identity{Type: aws.String("Service"), PrincipalId: aws.String("dynamodb.amazonaws.com")},
		Dynamodb:     &types.StreamRecord{Keys: map[string]types.AttributeValue{"PK": item["PK"]}, NewImage: item, SizeBytes: aws.Int64(77)},
	})
	got := make(chan []byte, 1)
	run(t, Config{
		Streams: stream, FromStreams: []Stream{{ARN: testStream, Function: "relay"}}, Clock: func() time.Time { return local },
		Invoke: func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
			got <- payload
			return lambda.Result{}, nil
		},
	})
	payload := <-got
	want := `{"Records":[{"awsRegion":"us-east-1","dynamodb":{"ApproximateCreationDateTime":` + strconv.FormatInt(local.Unix(), 10) +
		`,"Keys":{"PK":{"S":"T#1"}},"NewImage":{"PK":{"S":"T#1"},"b":{"B":"AP8="},"bs":{"BS":["AQ=="]},"l":{"L":[{"S":"<ñ>"}]},` +
		`"m":{"M":{"in":{"N":"1"}}},"n":{"N":"12345678901234567890"},"ns":{"NS":["1"]},"null":{"NULL":true},"ss":{"SS":["x","y"]},"yes":{"BOOL":true}},` +
		`"SequenceNumber":"1","SizeBytes":77,"StreamViewType":"NEW_IMAGE"},"eventID":"e1","eventName":"MODIFY","eventSource":"aws:dynamodb",` +
		`"eventSourceARN":"` + testStream + `","eventVersion":"1.1","userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"}}]}`
	if diff := cmp.Diff(want, string(payload)); diff != "" {
		t.Error(diff)
	}
	// And the library of the functions reads it back.
	r := streamEvent(t, payload).Records[0]
	if r.Change.NewImage["l"].List()[0].String() != "<ñ>" || !r.Change.ApproximateCreationDateTime.Equal(local.Truncate(time.Second)) {
		t.Errorf("read back as %+v", r)
	}
}

func TestStream_filtersAndBatches(t *testing.T) {
	stream := newRiver("s1")
	for i := range 10 {
		stream.put("s1", "T#1", []string{"T", "O#"}[i%2]+strconv.Itoa(i))
	}
	stream.add("s1", types.Record{EventName: types.OperationTypeRemove, Dynamodb: &types.StreamRecord{
		Keys: map[string]types.AttributeValue{"SK": &types.AttributeValueMemberS{Value: "O#1"}},
	}})
	l := &ledger{t: t}
	p, _ := run(t, Config{Streams: stream, Invoke: l.invoke, FromStreams: []Stream{{
		ARN: testStream, Function: "relay", BatchSize: 3, ReportFailures: true,
		Filters: []string{`{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"O#"}]}}}}`},
	}}})
	drain(t, p, nil)
	if got, want := l.batches(), "2,4,6 8,10"; got != want {
		t.Errorf("batches %q, want %q", got, want)
	}
	if !p.Idle() || p.InFlight() != 0 {
		t.Error("not idle after a drain")
	}
}

// One record always fails; whatever the way it fails, it alone is given up and everything else is handled once after the
// first failure, in order.
func TestStream_poison(t *testing.T) {
	for name, broken := range map[string]func() (lambda.Result, error){
		"crash":              crash,
		"reported":           func() (lambda.Result, error) { return refused("5") },
		"malformed":          func() (lambda.Result, error) { return lambda.Result{Payload: []byte(`"?"`)}, nil },
		"unknown identifier": func() (lambda.Result, error) { return refused("999") },
	} {
		t.Run(name, func(t *testing.T) {
			stream := newRiver("s1")
			for i := range 8 {
				stream.put("s1", "T#1", "O#"+strconv.Itoa(i))
			}
			box := &postbox{refuse: 2}
			l := &ledger{t: t, fail: func(batch []string) (lambda.Result, error) {
				if slices.Contains(batch, "5") {
					return broken()
				}
				return refused()
			}}
			p, _ := run(t, Config{Streams: stream, Letters: box, Invoke: l.invoke, FromStreams: []Stream{{
				ARN: testStream, Function: "relay", Bisect: true, Retries: 2, ReportFailures: true, OnFailure: "letters",
			}}})
			drain(t, p, nil)
			alone, handled := l.around("5", name == "reported")
			if alone != 3 {
				t.Errorf("the poisoned record was tried alone %d times, want 3: once and two retries (%s)", alone, l.batches())
			}
			if want := []string{"1", "2", "3", "4", "6", "7", "8"}; !slices.Equal(handled, want) {
				t.Errorf("handled %v, want %v (%s)", handled, want, l.batches())
			}
			if len(box.letters) != 1 || !strings.Contains(box.letters[0], `"startSequenceNumber":"5"`) || !strings.Contains(box.letters[0], `"endSequenceNumber":"5"`) {
				t.Errorf("letters %v, want one about record 5", box.letters)
			}
		})
	}
}

// around gives how often the poisoned record came alone, and what was handled: batches without it and, when the function
// names it, what came before it.
func (l *ledger) around(poison string, named bool) (alone int, handled []string) {
	for _, batch := range l.got {
		at := slices.Index(batch, poison)
		switch {
		case at < 0:
			handled = append(handled, batch...)
		case len(batch) == 1:
			alone++
		case named:
			handled = append(handled, batch[:at]...)
		}
	}
	return alone, handled
}

func TestStream_givesUpAWholeBatchWithoutBisect(t *testing.T) {
	stream := newRiver("s1")
	for range 3 {
		stream.put("s1", "T#1", "O#1")
	}
	box := &postbox{}
	l := &ledger{t: t, fail: func([]string) (lambda.Result, error) { return crash() }}
	local := time.Date(2026, 11, 21, 12, 0, 0, 7e6, time.UTC)
	p, _ := run(t, Config{Streams: stream, Letters: box, Invoke: l.invoke, Clock: func() time.Time { return local }, FromStreams: []Stream{{
		ARN: testStream, Function: "relay", Retries: 1, ReportFailures: true, OnFailure: "letters",
	}}})
	drain(t, p, nil)
	if got := l.batches(); got != "1,2,3 1,2,3" {
		t.Errorf("batches %q", got)
	}
	if len(box.letters) != 1 {
		t.Fatalf("%d letters", len(box.letters))
	}
	for _, part := range []string{
		`letters {`, `"condition":"RetryAttemptsExhausted"`, `"approximateInvokeCount":2`, `"functionError":"Unhandled"`,
		`"functionArn":"arn:aws:lambda:us-east-1:000000000000:function:relay"`, `"timestamp":"2026-11-21T12:00:00.007Z"`,
		`"shardId":"s1"`, `"startSequenceNumber":"1"`, `"endSequenceNumber":"3"`, `"batchSize":3`, `"streamArn":"` + testStream + `"`,
	} {
		if !strings.Contains(box.letters[0], part) {
			t.Errorf("letter lacks %s: %s", part, box.letters[0])
		}
	}
}

func TestStream_ageEndsRetries(t *testing.T) {
	stream := newRiver("s1")
	stream.add("s1", types.Record{EventName: types.OperationTypeInsert, Dynamodb: &types.StreamRecord{
		ApproximateCreationDateTime: aws.Time(time.Now().Add(-2 * time.Hour)),
	}})
	box := &postbox{}
	l := &ledger{t: t, fail: func([]string) (lambda.Result, error) { return crash() }}
	p, _ := run(t, Config{Streams: stream, Letters: box, Invoke: l.invoke, FromStreams: []Stream{{
		ARN: testStream, Function: "relay", Retries: -1, MaxAge: time.Hour, OnFailure: "letters",
	}}})
	drain(t, p, nil)
	if got := l.batches(); got != "1" {
		t.Errorf("an old record was tried %q, want once: it had its chance", got)
	}
	if len(box.letters) != 1 || !strings.Contains(box.letters[0], "RecordAgeExceeded") {
		t.Errorf("letters %v", box.letters)
	}
}

func TestStream_lowestReportedSequenceCounts(t *testing.T) {
	stream := newRiver("s1")
	for range 12 {
		stream.put("s1", "T#1", "O#1")
	}
	first := true
	l := &ledger{t: t}
	l.fail = func([]string) (lambda.Result, error) {
		if first {
			first = false
			return refused("11", "9", "10")
		}
		return refused()
	}
	p, _ := run(t, Config{Streams: stream, Invoke: l.invoke, FromStreams: []Stream{{ARN: testStream, Function: "relay", Retries: 3, ReportFailures: true}}})
	drain(t, p, nil)
	if got, want := l.batches(), "1,2,3,4,5,6,7,8,9,10,11,12 9,10,11,12"; got != want {
		t.Errorf("batches %q, want %q", got, want)
	}
}

func TestStream_parallelKeepsTheOrderOfAKey(t *testing.T) {
	stream := newRiver("s1")
	const keys, each = 8, 10
	for i := range each {
		for k := range keys {
			stream.put("s1", fmt.Sprint("T#", k), fmt.Sprint("O#", i))
		}
	}
	var mu sync.Mutex
	seen := map[string][]string{}
	running, most := 0, 0
	p, _ := run(t, Config{
		Streams: stream, FromStreams: []Stream{{ARN: testStream, Function: "relay", BatchSize: 5, Parallel: 3, PartitionKey: "PK"}},
		Invoke: func(_ context.Context, _ string, payload []byte) (lambda.Result, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(2 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			running--
			for _, r := range streamEvent(t, payload).Records {
				pk := r.Change.Keys["PK"].String()
				seen[pk] = append(seen[pk], r.Change.Keys["SK"].String())
			}
			return lambda.Result{}, nil
		},
	})
	drain(t, p, nil)
	for pk, got := range seen {
		for i, sk := range got {
			if sk != fmt.Sprint("O#", i) {
				t.Fatalf("key %s came as %v", pk, got)
			}
		}
	}
	if len(seen) != keys || most < 2 || most > 3 {
		t.Errorf("%d keys seen, %d batches at once; want %d keys and 2 to 3 batches", len(seen), most, keys)
	}
}

func TestNew_refusesStreams(t *testing.T) {
	for name, c := range map[string]Config{
		"unknown operator":         {Streams: newRiver(), FromStreams: []Stream{{ARN: testStream, Function: "f", Filters: []string{`{"a":[{"exists":true}]}`}}}},
		"no function":              {Streams: newRiver(), FromStreams: []Stream{{ARN: testStream}}},
		"no client":                {FromStreams: []Stream{{ARN: testStream, Function: "f"}}},
		"nobody to send to":        {Streams: newRiver(), FromStreams: []Stream{{ARN: testStream, Function: "f", OnFailure: "q"}}},
		"parallel without its key": {Streams: newRiver(), FromStreams: []Stream{{ARN: testStream, Function: "f", Parallel: 2}}},
	} {
		t.Run(name, func(t *testing.T) {
			c.Dir = t.TempDir()
			if _, err := New(c); err == nil {
				t.Error("no error")
			}
		})
	}
}

var errDown = errors.New("engine is down")
