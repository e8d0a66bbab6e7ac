package lambdakit_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/lambdakit"
	"sence.gob.cl/gestor/shared/unit"
)

// The counts of a unit are metrics by the embedded format: the names stand in the directive, the values in the line itself,
// and the function, which the log adds, is a dimension.
func TestLine_Metrics(t *testing.T) {
	kit, book := newKit()
	handle := kit.Queue("reply", func(ctx context.Context, _ time.Time, _ lambdakit.Message) error {
		w := unit.Of(ctx)
		w.Follow("req-1")
		w.Network("facebook")
		w.Ticket("01T")
		w.Ticket("item:facebook/100_1")
		w.Count(unit.WriteUnits, 14.5)
		w.Count(unit.NetworkCalls, 1)
		return nil
	})
	if _, err := handle(invoked(t, noon()), sqsEvent(queued("m1", "", 1))); err != nil {
		t.Fatal(err)
	}
	line := book.lines(t)[0]
	var want map[string]any
	if err := json.Unmarshal([]byte(`{
		"level": "INFO", "msg": "unit", "unit": "reply", "outcome": "ok", "message_id": "m1", "received": 1,
		"trace": "req-1", "tickets": ["01T"], "causes": ["item"], "network": "facebook", "WriteUnits": 14.5, "NetworkCalls": 1,
		"_aws": {"Timestamp": 1795446000000, "CloudWatchMetrics": [{
			"Namespace": "Gestor", "Dimensions": [["function"], ["network"]],
			"Metrics": [{"Name": "NetworkCalls", "Unit": "Count"}, {"Name": "WriteUnits", "Unit": "Count"}]
		}]}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	delete(line, "time")
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

// A duration is no count, and a value of nothing is a value: an alarm on its absence must not ring.
func TestLine_OldestDueWork(t *testing.T) {
	kit, book := newKit()
	handle := kit.Minute("sweep", func(ctx context.Context, _ time.Time) error {
		unit.Of(ctx).Count(unit.OldestDueWork, 0)
		return nil
	}, nil)
	if _, err := handle(t.Context(), json.RawMessage(`{"time":"2026-11-23T15:00:00Z"}`)); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"OldestDueWorkSeconds":0`, `{"Name":"OldestDueWorkSeconds","Unit":"Seconds"}`, `"Dimensions":[["function"]]`} {
		if !strings.Contains(book.text(), part) {
			t.Errorf("no %s in %s", part, book.text())
		}
	}
}

// Two units of one batch do not share what they noted.
func TestLine_EachItsOwn(t *testing.T) {
	kit, book := newKit()
	handle := kit.Queue("reply", func(ctx context.Context, _ time.Time, m lambdakit.Message) error {
		unit.Of(ctx).Ticket("of-" + m.ID)
		return nil
	})
	if _, err := handle(invoked(t, noon()), sqsEvent(queued("m1", "", 1), queued("m2", "", 1))); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"of-m1", "of-m2"} {
		if diff := cmp.Diff([]any{want}, book.lines(t)[i]["tickets"]); diff != "" {
			t.Errorf("line %d (-want +got):\n%s", i, diff)
		}
	}
}

// A request begins the chain under the gateway's own id; a panic in a handler is an answer 500 and a line that says so,
// not a dead function.
func TestLine_Request(t *testing.T) {
	kit, book := newKit()
	var trace string
	in := events.APIGatewayV2HTTPRequest{RouteKey: "GET /x", RawPath: "/x"}
	in.RequestContext.RequestID, in.RequestContext.TimeEpoch = "req-7", noon().UnixMilli()
	in.RequestContext.HTTP.Method = http.MethodGet
	handle := kit.HTTP("desk", http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		trace = unit.Of(req.Context()).Trace()
		w.WriteHeader(http.StatusNoContent)
	}))
	if _, err := handle(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	fall := kit.HTTP("desk", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(errors.New("palabras de alguien"))
	}))
	out, err := fall(t.Context(), in)
	if err != nil || out.StatusCode != http.StatusInternalServerError {
		t.Errorf("a fallen handler answers %d, %v", out.StatusCode, err)
	}
	lines := book.lines(t)
	if trace != "req-7" || lines[0]["trace"] != "req-7" || lines[0]["status"] != 204.0 || lines[0]["outcome"] != "ok" {
		t.Errorf("trace %q, line %v", trace, lines[0])
	}
	last := lines[len(lines)-1]
	if last["status"] != 500.0 || last["outcome"] != "poison" || last["level"] != "ERROR" {
		t.Errorf("line = %v", last)
	}
	if strings.Contains(book.text(), "palabras de alguien") {
		t.Error("the log says what the panic said")
	}
}
