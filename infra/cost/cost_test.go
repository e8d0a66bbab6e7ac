package cost

import (
	"flag"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables into docs/es/costos.md")

const (
	document = "../../docs/es/costos.md"
	begin    = "<!-- desde aquí lo escribe: go test ./infra/cost -update -->\n"
	end      = "<!-- hasta aquí -->\n"
)

// TestTables holds the document's tables equal to what the files here and the golden template make of them.
func TestTables(t *testing.T) {
	m := load(t)
	var want strings.Builder
	if err := m.Write(&want); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(raw), begin)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the tables", document)
	}
	if *update {
		if err := os.WriteFile(document, []byte(before+begin+want.String()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want.String() {
		t.Errorf("%s is not what is computed now: go test ./infra/cost -update, and read the words around the tables again", document)
	}
}

func load(t *testing.T) Model {
	t.Helper()
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// One use, worked out by hand.
func TestVariable(t *testing.T) {
	m := Model{
		prices: map[string]Price{}, assumptions: map[string]Assumption{"ms_desk": {Value: 100}, "platform_log_bytes": {Value: 24}},
		stack: stack{memory: map[string]float64{"desk": 512}, accessLine: 500},
	}
	for id, p := range map[string]struct{ usd, per float64 }{
		"http_request": {1, 1e6}, "transfer_out_gb": {0.1, 1}, "lambda_request": {0.2, 1e6}, "lambda_gb_second": {0.00001, 1},
		"sqs_standard": {0.4, 1e6}, "sqs_fifo": {0.5, 1e6}, "dynamodb_write": {0.6, 1e6}, "dynamodb_read": {0.1, 1e6}, "logs_gb": {0.5, 1},
	} {
		m.prices[id] = Price{ID: id, Per: p.per, Regions: map[string]Listed{Virginia: {USD: p.usd}}}
	}
	use := Use{HTTP: 2, Out: 1 << 30, Functions: map[string]float64{"desk": 3}, Standard: 1, FIFO: 2, Writes: 10, Reads: 4, Logs: 952}
	want := map[string]float64{
		"API (solicitudes)":     2,
		"API (salida)":          1e6 * 0.1,
		"Lambda (invocaciones)": 3 * 0.2,
		"Lambda (GB-segundo)":   3e6 * 0.1 * 0.5 * 0.00001,
		"SQS":                   3*0.4 + 6*0.5,
		"DynamoDB (escrituras)": 6,
		"DynamoDB (lecturas)":   0.4,
		"Registros":             1e6 * (952 + 3*24 + 2*500) / (1 << 30) * 0.5,
	}
	got := m.Variable(use, Virginia, million)
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
	for _, l := range got {
		if math.Abs(l.USD-want[l.What]) > 1e-9 {
			t.Errorf("%s: %v, want %v", l.What, l.USD, want[l.What])
		}
	}
}

// Every confirmed price names the page that says so, every other one none; every price and assumption is used.
func TestFiles(t *testing.T) {
	m := load(t)
	source, err := os.ReadFile("cost.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range m.priceOrder {
		for region, listed := range m.prices[id].Regions {
			if listed.Confirmed != strings.HasPrefix(listed.Source, "https://") || listed.USD <= 0 {
				t.Errorf("%s in %s: %+v", id, region, listed)
			}
		}
		if !strings.Contains(string(source), `"`+id+`"`) {
			t.Errorf("price %s is used by nothing", id)
		}
	}
	for id, a := range m.assumptions {
		if a.Why == "" || a.Unit == "" || !strings.HasPrefix(id, "ms_") && !strings.Contains(string(source), `"`+id+`"`) {
			t.Errorf("assumption %s is used by nothing, or has no reason", id)
		}
	}
	for name := range m.stack.memory {
		if _, known := m.assumptions["ms_"+name]; !known {
			t.Errorf("nobody says how long %s takes", name)
		}
	}
}

// What is counted of the template is there: a rename in CloudFormation would otherwise cost nothing.
func TestStack(t *testing.T) {
	s := load(t).stack
	for what, n := range map[string]int{
		"keys": s.keys, "secrets": s.secrets, "dashboards": s.dashboards, "alarms": s.alarms, "queues": s.queues,
		"polled queues": s.polled, "polled FIFO queues": s.polledFIFO, "tables": s.tables, "functions": len(s.memory), "access line": int(s.accessLine),
	} {
		if n == 0 {
			t.Errorf("no %s", what)
		}
	}
	if s.alarmMetrics < s.alarms || s.polledFIFO >= s.polled || s.polled >= s.queues {
		t.Errorf("counted %+v", s)
	}
	if rest := rendered(`{"a":"$context.requestId","b":"$context.nuevo"}`); !strings.Contains(rest, "$context.nuevo") || strings.Contains(rest, "requestId") {
		t.Errorf("rendered %s", rest)
	}
}

func TestNumbers(t *testing.T) {
	for want, got := range map[string]string{
		"1,50": number(1.499999, 2), "0,625": number(0.625, -1), "17": number(16.6, 0), "0,0000133334": number(0.0000133334, -1),
		"2.100.059": thousands(Requests2021), "999": thousands(999), "1.000": thousands(1000),
	} {
		if want != got {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
