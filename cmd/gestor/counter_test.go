package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"sence.gob.cl/gestor/infra/cost"
	"sence.gob.cl/gestor/shared/storetest/engine"
)

// counter reads what a running system asks for: DynamoDB's units from the answers that pass between it and its engine,
// everything else from the lines its functions write.
type counter struct {
	*whole
	engine *engine.Engine
	door   *httptest.Server

	mu            sync.Mutex
	writes, reads float64

	// sweep is what one minute in which nothing is due asks for, and look what one look at an account does: no kind of
	// mention is charged with either.
	sweep, look cost.Use
	series      map[string]bool
	// read is how much of the functions' log was counted already; stored what the tables held by then.
	read   int64
	stored float64
}

// count starts a system whose tables are seen through a counter.
func count(t *testing.T) *counter {
	t.Helper()
	return countWith(t, "GESTOR_ESCALATE_UNDO=2s")
}

func countWith(t *testing.T, env string) *counter {
	t.Helper()
	e := engine.Start(t)
	if !e.Own {
		t.Skip("SKIPPED counts: " + engine.Variable + " names an engine whose capacity figures are not known to be the service's")
	}
	behind, err := url.Parse(e.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{engine: e, series: map[string]bool{}}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(behind); r.Out.Host = r.In.Host },
		ModifyResponse: c.consumed,
	}
	c.door = httptest.NewServer(proxy)
	t.Cleanup(c.door.Close)
	c.whole = start(t, "GESTOR_DYNAMODB="+c.door.URL, env)
	return c
}

// consumed books the units of one answer. Only what the functions' store asks for says them.
func (c *counter) consumed(res *http.Response) error {
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	res.Body = io.NopCloser(bytes.NewReader(raw))
	var one struct {
		ConsumedCapacity struct{ CapacityUnits float64 }
	}
	var many struct {
		ConsumedCapacity []struct{ CapacityUnits float64 }
	}
	units := 0.0
	if json.Unmarshal(raw, &one) == nil {
		units = one.ConsumedCapacity.CapacityUnits
	} else if json.Unmarshal(raw, &many) == nil {
		for _, table := range many.ConsumedCapacity {
			units += table.CapacityUnits
		}
	}
	_, operation, _ := strings.Cut(res.Request.Header.Get("X-Amz-Target"), ".")
	c.mu.Lock()
	defer c.mu.Unlock()
	switch operation {
	case "GetItem", "Query", "BatchGetItem", "TransactGetItems":
		c.reads += units
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		c.writes += units
	}
	return nil
}

// entry is a line of a function's log, as far as it is counted.
type entry struct {
	line
	Bytes float64 `json:"bytes"`
	Meter struct {
		CloudWatchMetrics []struct {
			Dimensions [][]string
			Metrics    []struct{ Name string }
		}
	} `json:"_aws"`
	Network string `json:"network"`
}

// take gives what was asked for since the last take, by each of n, without the sweeps.
func (c *counter) take(n float64) cost.Use {
	c.t.Helper()
	c.quiet()
	use := cost.Use{Functions: map[string]float64{}}
	sweeps, looks := c.lines(func(e entry, size float64) {
		use.Logs += size
		if e.Msg != "unit" {
			return
		}
		use.Functions[e.Function]++
		switch e.Function {
		case "webhook", "desk":
			use.HTTP++
			use.Out += e.Bytes
		case "intake", "tick":
			use.Standard++
		case "deliver", "escalate", "fetch":
			use.FIFO++
		}
	})
	c.mu.Lock()
	use.Writes, use.Reads = c.writes-looks*c.look.Writes, c.reads-sweeps*c.sweep.Reads-looks*c.look.Reads
	c.writes, c.reads = 0, 0
	c.mu.Unlock()
	stored := c.size()
	use.Stored = stored - c.stored
	c.stored = stored
	return scaled(use, n)
}

// takeSweeps learns what one minute asks for, from those since the last take, in which nothing else happened.
func (c *counter) takeSweeps() {
	c.t.Helper()
	c.quiet()
	n, size := 0.0, 0.0
	c.eachLine(func(e entry, bytes float64) {
		if e.Unit == "sweep" {
			n++
		}
		size += bytes
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sweep = scaled(cost.Use{Functions: map[string]float64{"tick": n, "fetch": n}, Reads: c.reads, Writes: c.writes, Logs: size}, n)
	c.writes, c.reads = 0, 0
}

// hour lets an hour pass, and gives what looking at the accounts asked for in it besides the sweeps: all that is looked at now
// and then was looked at.
func (c *counter) hour() cost.Use {
	c.t.Helper()
	c.quiet()
	var state struct{ Now time.Time }
	if status := c.ask("GET", c.base+"/local/state", nil, &state); status != http.StatusOK {
		c.t.Fatalf("state: %d", status)
	}
	sweeps, looks, size := 0.0, 0.0, 0.0
	for minutes := 4; minutes <= 60; minutes += 4 {
		at := state.Now.Add(time.Duration(minutes) * time.Minute)
		if status := c.ask("POST", c.base+"/local/tick", map[string]time.Time{"at": at}, nil); status != http.StatusOK {
			c.t.Fatalf("tick: %d", status)
		}
	}
	c.eachLine(func(e entry, bytes float64) {
		switch e.Unit {
		case "sweep":
			sweeps++
		case "account":
			looks, size = looks+1, size+bytes
		}
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	use := cost.Use{Functions: map[string]float64{}, Reads: c.reads - sweeps*c.sweep.Reads, Writes: c.writes - sweeps*c.sweep.Writes, Logs: size}
	c.look = scaled(cost.Use{Reads: use.Reads, Writes: use.Writes}, looks)
	c.writes, c.reads = 0, 0
	return use
}

// scaled is one of n.
func scaled(u cost.Use, n float64) cost.Use {
	for name := range u.Functions {
		u.Functions[name] /= n
	}
	for _, f := range []*float64{&u.HTTP, &u.Out, &u.Standard, &u.FIFO, &u.Writes, &u.Reads, &u.Logs, &u.Stored} {
		*f /= n
	}
	return u
}

// quiet waits until nothing is under way.
func (c *counter) quiet() {
	c.t.Helper()
	var state struct{ Drained bool }
	if status := c.ask("POST", c.base+"/local/tick", map[string]string{}, &state); status != 200 || !state.Drained {
		c.t.Fatalf("tick: %d, drained %v", status, state.Drained)
	}
}

// lines hands on every new line but those of the minute rules, which it counts.
func (c *counter) lines(each func(entry, float64)) (sweeps, looks float64) {
	c.t.Helper()
	c.eachLine(func(e entry, size float64) {
		switch e.Unit {
		case "sweep":
			sweeps++
		case "account":
			looks++
		case "look":
		default:
			each(e, size)
		}
	})
	return sweeps, looks
}

// eachLine hands on every new line with its size, and remembers the metrics it makes.
func (c *counter) eachLine(each func(entry, float64)) {
	c.t.Helper()
	f, err := os.Open(filepath.Join(c.data, "functions.log"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(c.read, io.SeekStart); err != nil {
		c.t.Fatal(err)
	}
	for scan := bufio.NewScanner(f); scan.Scan(); {
		c.read += int64(len(scan.Bytes())) + 1
		var e entry
		if err := json.Unmarshal(scan.Bytes(), &e); err != nil {
			c.t.Fatalf("a line of the log: %v", err)
		}
		for _, made := range e.Meter.CloudWatchMetrics {
			for _, by := range made.Dimensions {
				of := map[string]string{"function": e.Function, "network": e.Network}[by[0]]
				for _, m := range made.Metrics {
					c.series[m.Name+" "+by[0]+"="+of] = true
				}
			}
		}
		each(e, float64(len(scan.Bytes())))
	}
}

// size is how many bytes the tables and their indexes hold: reading a whole table costs a unit for every four KiB of it.
func (c *counter) size() float64 {
	c.t.Helper()
	var bytes float64
	for table, indexes := range map[string][]string{"WorkTable": {"", "GSI1", "GSI2"}, "BitacoraTable": {"", "day"}} {
		for _, index := range indexes {
			in := &dynamodb.ScanInput{TableName: &table, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal, Select: types.SelectCount}
			if index != "" {
				in.IndexName = &index
			}
			pages := dynamodb.NewScanPaginator(c.engine.Client, in)
			for pages.HasMorePages() {
				page, err := pages.NextPage(context.Background())
				if err != nil {
					c.t.Fatalf("size of %s %s: %v", table, index, err)
				}
				bytes += aws.ToFloat64(page.ConsumedCapacity.CapacityUnits) * 8192 // half a unit for 4 KiB, as it may read old
			}
		}
	}
	return bytes
}

// arrive makes n people write, and gives their cases when all are in the queue.
func (c *counter) arrive(n int, name, text string) []string {
	c.t.Helper()
	begin := c.read
	for i := range n {
		c.write("comment", fmt.Sprintf("Persona Ficticia %s %d", name, i), text)
	}
	var cases []string
	c.until("the cases of "+name, func() bool {
		cases = nil
		for _, l := range c.since(begin) {
			if l.Function == "intake" && l.Msg == "unit" {
				cases = append(cases, l.Tickets...)
			}
		}
		return len(cases) == n
	})
	return cases
}

// since gives the log's lines behind a place.
func (c *counter) since(place int64) []line {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.data, "functions.log"))
	if err != nil {
		c.t.Fatal(err)
	}
	var all []line
	for text := range strings.SplitSeq(string(raw[place:]), "\n") {
		var l line
		if json.Unmarshal([]byte(text), &l) == nil {
			all = append(all, l)
		}
	}
	return all
}
