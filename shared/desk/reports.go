package desk

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/drift"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// The formats of a report.
const (
	asJSON = "json"
	asCSV  = "csv"
	asTSV  = "tsv"
)

// span is the time a report is about, and what it is held against.
type span struct{ period, reference drift.Period }

// report is one report of the API: who may read it, and how it is made. One that is made of rows has the rows alone.
type report struct {
	verb    ticket.Verb
	formats []string
	make    func(d *Desk, ctx context.Context, by ticket.Actor, s span, q url.Values) (content, error)
}

// content is a report that was made: the document of its JSON, and its rows, of which the first names the columns.
type content struct {
	document any
	rows     [][]string
}

// reports lists every report by its name in the address.
func reports() map[string]report {
	return map[string]report{
		"clasificador": {ticket.CanSeeModel, []string{asJSON, asCSV}, (*Desk).classifierReport},
		"correcciones": {ticket.CanExportModel, []string{asTSV}, (*Desk).corrections},
	}
}

// report answers one of them. Its first format is the one it has when none is asked for.
func (d *Desk) report(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	r, known := reports()[req.PathValue("name")]
	if err == nil && !known {
		err = fault.Say(fault.NotFound, "desk.report", "Ese informe no existe.")
	}
	if !d.admit(w, req, err, ticket.Allowed(by, r.verb)) {
		return
	}
	q := req.URL.Query()
	format, err := formatOf(q.Get("format"), r.formats)
	var s span
	if err == nil {
		s, err = spanOf(q, d.cfg.Arrived(req.Context()))
	}
	var made content
	if err == nil {
		made, err = r.make(d, req.Context(), by, s, q)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	if format == asJSON {
		d.json(w, http.StatusOK, made.document)
		return
	}
	d.rows(w, req.PathValue("name"), format, made.rows)
}

// rows answers a table as a file.
func (d *Desk) rows(w http.ResponseWriter, name, format string, rows [][]string) {
	out := csv.NewWriter(w)
	kind := "text/csv"
	if format == asTSV {
		kind, out.Comma = "text/tab-separated-values", '\t'
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+"."+format+`"`)
	if format == asTSV {
		plain(w, rows)
		return
	}
	_ = out.WriteAll(rows) // whoever asked is gone
}

func formatOf(text string, of []string) (string, error) {
	if text == "" {
		return of[0], nil
	}
	for _, one := range of {
		if one == text {
			return one, nil
		}
	}
	return "", fault.Reject("desk.formatOf", "format", "Este informe no tiene ese formato.")
}

// The times of a report when none are given: the last four weeks, against the four before them. Mentions are kept for ninety days
// after their case ends, so that of what came before the figures would tell less and less.
const (
	reportWeeks = 28 * 24 * time.Hour
	reportBack  = 90 * 24 * time.Hour
)

// spanOf reads from, to, refFrom and refTo: days of the seat, or instants.
func spanOf(q url.Values, now time.Time) (span, error) {
	const op = "desk.spanOf"
	to, err := dayOrInstant("to", q.Get("to"), true, now)
	if err != nil {
		return span{}, err
	}
	from, err := dayOrInstant("from", q.Get("from"), false, to.Add(-reportWeeks))
	if err != nil {
		return span{}, err
	}
	refTo, err := dayOrInstant("refTo", q.Get("refTo"), true, from)
	if err != nil {
		return span{}, err
	}
	refFrom, err := dayOrInstant("refFrom", q.Get("refFrom"), false, refTo.Add(-reportWeeks))
	switch {
	case err != nil:
		return span{}, err
	case !to.After(from):
		return span{}, fault.Reject(op, "to", "El término va después del comienzo.")
	case !refTo.After(refFrom):
		return span{}, fault.Reject(op, "refTo", "El término de la referencia va después de su comienzo.")
	case refTo.After(from):
		return span{}, fault.Reject(op, "refTo", "La referencia termina antes de que empiece el período.")
	case from.Before(now.Add(-reportBack)) || refFrom.Before(now.Add(-reportBack)):
		return span{}, fault.Reject(op, "from", "Hay cifras de los últimos 90 días, contada la referencia.")
	}
	return span{drift.Period{From: from.UTC(), To: to.UTC()}, drift.Period{From: refFrom.UTC(), To: refTo.UTC()}}, nil
}

// classifierReport says how well the classifier does.
func (d *Desk) classifierReport(ctx context.Context, _ ticket.Actor, s span, _ url.Values) (content, error) {
	zone, err := calendar.ZoneOf("zone", "")
	if err != nil {
		return content{}, err
	}
	in := drift.Input{Period: s.period, Reference: s.reference, Zone: zone}
	if in.Readings, err = d.cfg.Feedback.Readings(ctx, s.reference.From, s.period.To); err != nil {
		return content{}, err
	}
	if in.Decisions, err = d.cfg.Feedback.Decisions(ctx, s.period.From, s.period.To); err != nil {
		return content{}, err
	}
	if in.Labels, err = d.cfg.Feedback.Labels(ctx, s.period.From, s.period.To); err != nil {
		return content{}, err
	}
	made := drift.Of(in)
	return content{made, made.Table()}, nil
}
