// Package cost computes what the system costs in the cloud: what one mention of each kind asks of every service, as it was
// counted on the local system, times the list prices of a dated file, besides what a month costs with nothing in it.
package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// The files beside this one. Counts are written by the test of cmd/gestor that drives the local system; prices and
// assumptions by people.
var (
	//go:embed precios-2026-11.json
	pricesFile string
	//go:embed assumptions.json
	assumptionsFile string
	//go:embed counts.json
	countsFile string
)

// Regions that the table shows; the law and who decides about it stand in docs/es/despliegue.md.
const (
	Virginia = "us-east-1"
	SaoPaulo = "sa-east-1"
)

// Kind is what becomes of a mention. Its values are words of the table.
type Kind string

// The kinds, from the cheapest to the dearest. Each is a whole life: a closed mention was received too.
const (
	Repeated  Kind = "repetida"  // delivered once more; nothing to do
	Queued    Kind = "en cola"   // received, classified, in the queue
	Answered  Kind = "respuesta" // the same, claimed, answered on the network and closed
	Escalated Kind = "escalada"  // the same, and filed in SIAC
)

// Kinds gives them in order.
func Kinds() []Kind { return []Kind{Repeated, Queued, Answered, Escalated} }

// Price is what a unit of something costs in each region, in US dollars.
type Price struct {
	ID      string            `json:"id"`
	What    string            `json:"what"`
	Unit    string            `json:"unit"`
	Per     float64           `json:"per"` // how many of the unit the prices are for
	Regions map[string]Listed `json:"regions"`
}

// Listed is a price as some page gives it. Confirmed says that the page named was read and says so.
type Listed struct {
	USD       float64 `json:"usd"`
	Source    string  `json:"source"`
	Date      string  `json:"date"` // of the page; empty where it gives none
	Confirmed bool    `json:"confirmed"`
}

// Assumption is a number nobody counted, with the reason for it.
type Assumption struct {
	ID    string  `json:"id"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Why   string  `json:"why"`
}

// Use is what something asked of the cloud, on the average of what was counted.
type Use struct {
	// HTTP is requests to the API, Out the bytes it answered.
	HTTP float64 `json:"http"`
	Out  float64 `json:"out_bytes"`
	// Functions is units of work by function: one invocation each, as nothing arrives in batches at this load.
	Functions map[string]float64 `json:"functions"`
	// Standard and FIFO are messages; each is sent, received and deleted.
	Standard float64 `json:"standard_messages"`
	FIFO     float64 `json:"fifo_messages"`
	Writes   float64 `json:"wru"`
	Reads    float64 `json:"rru"`
	Logs     float64 `json:"log_bytes"`
	// Stored is what stays in the tables and their indexes.
	Stored float64 `json:"stored_bytes"`
}

// Counts is what was counted: a life of each kind, one request of each sort the open console makes, one minute of both minute
// rules in which nothing is due, what an hour of looking at one account of each network asks for besides, and the metrics that
// came into being.
type Counts struct {
	Kinds   map[Kind]Use   `json:"kinds"`
	Console map[string]Use `json:"console"`
	Sweep   Use            `json:"sweep"`
	Looks   Use            `json:"looks"`
	Series  []string       `json:"series"`
}

// Model is all that a table is computed from.
type Model struct {
	Dated       string // of the prices
	Seen        string // when their pages were looked up
	prices      map[string]Price
	priceOrder  []string
	assumptions map[string]Assumption
	assumed     []Assumption
	Counts      Counts
	stack       stack
}

// Load reads the files and the template; what is missing or unknown in them is an error.
func Load() (Model, error) {
	var prices struct {
		Dated  string  `json:"dated"`
		Seen   string  `json:"seen"`
		Prices []Price `json:"prices"`
	}
	m := Model{prices: map[string]Price{}, assumptions: map[string]Assumption{}}
	for _, file := range []struct {
		name string
		raw  string
		into any
	}{{"precios", pricesFile, &prices}, {"assumptions.json", assumptionsFile, &m.assumed}, {"counts.json", countsFile, &m.Counts}} {
		if err := json.Unmarshal([]byte(file.raw), file.into); err != nil {
			return Model{}, fmt.Errorf("cost: %s: %w", file.name, err)
		}
	}
	m.Dated, m.Seen = prices.Dated, prices.Seen
	for _, p := range prices.Prices {
		for _, region := range []string{Virginia, SaoPaulo} {
			if _, known := p.Regions[region]; !known || p.Per <= 0 {
				return Model{}, fmt.Errorf("cost: price %s has nothing for %s", p.ID, region)
			}
		}
		m.prices[p.ID] = p
		m.priceOrder = append(m.priceOrder, p.ID)
	}
	for _, a := range m.assumed {
		m.assumptions[a.ID] = a
	}
	var err error
	m.stack, err = readStack()
	return m, err
}

// Line is one service's part of a cost, in US dollars.
type Line struct {
	What string
	USD  float64
}

func sum(lines []Line) float64 {
	var out float64
	for _, l := range lines {
		out += l.USD
	}
	return out
}

// price gives what n units cost in a region; assumed gives a number nobody counted. Asking for one that is not in its
// file is a mistake in this package, which its tests would meet at once.
func (m Model) price(id, region string, n float64) float64 {
	p, known := m.prices[id]
	if !known {
		panic("cost: no price " + id)
	}
	return n * p.Regions[region].USD / p.Per
}

func (m Model) assume(id string) float64 {
	a, known := m.assumptions[id]
	if !known {
		panic("cost: no assumption " + id)
	}
	return a.Value
}

const gigabyte = 1 << 30

// Variable gives what n times u costs in a region, service by service.
func (m Model) Variable(u Use, region string, n float64) []Line {
	var invocations, work float64
	for _, name := range sortedKeys(u.Functions) {
		invocations += u.Functions[name]
		work += u.Functions[name] * m.assume("ms_"+name) / 1000 * m.stack.memory[name] / 1024
	}
	logs := u.Logs + invocations*m.assume("platform_log_bytes") + u.HTTP*m.stack.accessLine
	return []Line{
		{"API (solicitudes)", m.price("http_request", region, n*u.HTTP)},
		{"API (salida)", m.price("transfer_out_gb", region, n*u.Out/gigabyte)},
		{"Lambda (invocaciones)", m.price("lambda_request", region, n*invocations)},
		{"Lambda (GB-segundo)", m.price("lambda_gb_second", region, n*work)},
		{"SQS", m.price("sqs_standard", region, n*u.Standard*callsPerMessage) + m.price("sqs_fifo", region, n*u.FIFO*callsPerMessage)},
		{"DynamoDB (escrituras)", m.price("dynamodb_write", region, n*u.Writes)},
		{"DynamoDB (lecturas)", m.price("dynamodb_read", region, n*u.Reads)},
		{"Registros", m.price("logs_gb", region, n*logs/gigabyte)},
	}
}

// callsPerMessage: sent, received, deleted. Batches would make it fewer.
const callsPerMessage = 3

// Hours and the like of a month, as AWS bills it.
const (
	monthHours   = 730
	monthMinutes = monthHours * 60
)

// Fixed gives what a month costs when nobody writes, service by service.
func (m Model) Fixed(region string) []Line {
	fifo, tables := float64(m.stack.polledFIFO), float64(m.stack.tables)
	polls := m.assume("pollers") * monthMinutes * 60 / m.assume("poll_seconds")
	refreshes := float64(monthMinutes) / m.assume("secret_minutes")
	secretReads := m.assume("secret_readers") * refreshes
	// Functions ask KMS for a table's key again every five minutes; queues once a day for who sends and who reads.
	keyCalls := secretReads + float64(len(m.stack.memory))*tables*refreshes + float64(m.stack.queues)*m.assume("queue_key_calls")
	sweeps := m.Variable(m.Counts.Sweep, region, monthMinutes)
	return []Line{
		{fmt.Sprintf("Clave KMS (%d)", m.stack.keys), m.price("kms_key", region, float64(m.stack.keys))},
		{"Llamadas a KMS", m.price("kms_request", region, keyCalls)},
		{fmt.Sprintf("Secretos (%d)", m.stack.secrets), m.price("secret", region, float64(m.stack.secrets))},
		{"Lecturas de secretos", m.price("secret_call", region, secretReads)},
		{fmt.Sprintf("Métricas propias (%d)", len(m.Counts.Series)), m.price("metric", region, float64(len(m.Counts.Series)))},
		{fmt.Sprintf("Alarmas (%d, %d métricas)", m.stack.alarms, m.stack.alarmMetrics), m.price("alarm", region, float64(m.stack.alarmMetrics))},
		{fmt.Sprintf("Panel (%d)", m.stack.dashboards), m.price("dashboard", region, float64(m.stack.dashboards))},
		{
			"Sondeo de colas sin mensajes",
			m.price("sqs_standard", region, polls*(float64(m.stack.polled)-fifo)) + m.price("sqs_fifo", region, polls*fifo),
		},
		{"Reglas de cada minuto", sum(sweeps)},
		{"Revisión de las cuentas (una por red)", sum(m.Variable(m.Counts.Looks, region, monthHours))},
	}
}

// Year is a year of SENCE's volume, in US dollars.
type Year struct {
	Mentions, Repeats, Fixed, Console, Storage float64
}

// Total adds it up.
func (y Year) Total() float64 { return y.Mentions + y.Repeats + y.Fixed + y.Console + y.Storage }

// Requests2021 is how many requests SENCE's channels took in 2021, the volume the design is made for.
const Requests2021 = 2_100_059

// Year gives a year with that many mentions, all of them answered.
func (m Model) Year(region string, mentions float64) Year {
	escalated := m.assume("share_escalated")
	per := func(k Kind, n float64) float64 { return sum(m.Variable(m.Counts.Kinds[k], region, n)) }
	stored := mentions * ((1-escalated)*m.Counts.Kinds[Answered].Stored + escalated*m.Counts.Kinds[Escalated].Stored) / gigabyte
	return Year{
		Mentions: per(Answered, mentions*(1-escalated)) + per(Escalated, mentions*escalated),
		Repeats:  per(Repeated, mentions*m.assume("share_repeated")),
		Fixed:    12 * sum(m.Fixed(region)),
		Console:  12 * m.assume("people") * sum(m.Person(region)),
		// What is stored grows through the year: half of its end on the average.
		Storage: 12 * (m.price("dynamodb_storage_gb", region, stored) + m.price("dynamodb_pitr_gb", region, stored)) / 2,
	}
}

// Person gives what a month of one person at the open console costs.
func (m Model) Person(region string) []Line {
	rounds := m.assume("console_hours") * 3600 / m.assume("console_seconds")
	var out []Line
	for _, name := range sortedKeys(m.Counts.Console) {
		for n, l := range m.Variable(m.Counts.Console[name], region, rounds) {
			if n == len(out) {
				out = append(out, Line{What: l.What})
			}
			out[n].USD += l.USD
		}
	}
	return out
}

func sortedKeys[V any](of map[string]V) []string {
	keys := make([]string, 0, len(of))
	for key := range of {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
