package desk

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// ruleNetworks is the finding of a post that goes nowhere.
const ruleNetworks = "networks_missing"

// findings are all that is wrong with what a post says, and what is to be looked at: for each of its networks, and for its day.
// A text that several networks show is read once.
func (d *Desk) findings(c post.Content, approved texts) ([]post.Finding, error) {
	var out []post.Finding
	if len(c.Networks) == 0 {
		out = append(out, post.Finding{Rule: ruleNetworks, Level: post.LevelError, Field: "networks", Message: "Elige al menos una red."})
	}
	out = append(out, peopleFindings(c)...)
	plain := false
	for _, n := range c.Networks {
		p := c.For(n)
		out = append(out, post.CheckPiece(n, p)...)
		switch {
		case p.Template != nil && n == mention.WhatsApp:
			out = append(out, post.CheckTemplate(*p.Template, approved.of(""))...)
		case p.Template != nil:
		case c.Variants[n].Text != nil:
			out = append(out, d.lint(n, p.Text, post.KindPost)...)
		case !plain:
			plain = true
			out = append(out, d.lint("", p.Text, post.KindPost)...)
		}
	}
	days, err := d.dayFindings(c.PublishAt)
	return append(out, days...), err
}

// lint reads a text of a network, or of all of them.
func (d *Desk) lint(n mention.Network, text string, as post.Kind) []post.Finding {
	found := d.cfg.Linter.Lint(text, as)
	for i := range found {
		found[i].Network = n
	}
	return found
}

// dayFindings tell of a day on which nothing should go out, or may not. What the calendar does not know yet is an ordinary day.
func (d *Desk) dayFindings(m post.Moment) ([]post.Finding, error) {
	at := m.At
	if at.IsZero() {
		return nil, nil
	}
	day := d.cfg.Calendar.DateOf(at, nil)
	special, err := d.cfg.Days.Days(day, day)
	if errors.Is(err, calendar.ErrOutsideTable) {
		return nil, nil
	}
	var out []post.Finding
	for _, s := range special {
		f := post.Finding{Rule: "day_" + string(s.Kind), Level: post.LevelWarning, Field: fieldMoment, Message: "Ese día es especial: " + s.Name + ". Revisa si conviene publicar."}
		if s.Kind == calendar.Feriado {
			f.Message = "Ese día es feriado: " + s.Name + "."
		}
		if s.Blocks {
			f.Level, f.Message = post.LevelError, "Ese día no se publica: "+s.Name+". Elige otro día."
		}
		out = append(out, f)
	}
	return out, err
}

// checkedJSON is what is wrong with a text nobody has kept yet, and how each network would show it.
type checkedJSON struct {
	Findings  []post.Finding                   `json:"findings"`
	Networks  map[mention.Network]measuredJSON `json:"networks"`
	PublishAt *momentJSON                      `json:"publishAt,omitempty"`
}

// measuredJSON is how long a text is as its network counts, and the text as it shows it.
type measuredJSON struct {
	Length int       `json:"length"`
	Limit  int       `json:"limit"`
	Unit   post.Unit `json:"unit"`
	Text   string    `json:"text"`
}

// checkPost judges what somebody is writing. It keeps nothing, so it needs no key.
func (d *Desk) checkPost(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeePosts) || ticket.Allowed(by, ticket.CanReply)) {
		return
	}
	req.Header.Set("Idempotency-Key", "-")
	_, o, bad := askedPost(req, by)
	if bad != nil {
		d.problem(w, *bad)
		return
	}
	var out checkedJSON
	switch o.Kind {
	case "", "post":
		if !d.admit(w, req, nil, ticket.Allowed(by, ticket.CanSeePosts)) {
			return
		}
		out, err = d.checkedPost(req.Context(), o)
	case "reply":
		out, err = d.checkedReply(req.Context(), o)
	default:
		err = fault.Reject("desk.checkPost", "kind", "Elige si es una publicación (post) o una respuesta (reply).")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, out)
}

func (d *Desk) checkedPost(ctx context.Context, o postOrder) (checkedJSON, error) {
	c, err := d.content(ctx, post.Content{}, o)
	if err != nil {
		return checkedJSON{}, err
	}
	approved, err := d.texts(ctx)
	if err != nil {
		return checkedJSON{}, err
	}
	findings, err := d.findings(c, approved)
	out := checkedJSON{Findings: list(findings), Networks: map[mention.Network]measuredJSON{}, PublishAt: showMoment(c.PublishAt)}
	for _, n := range c.Networks {
		text := cmp.Or(approved.read(c.For(n).Template, ""), post.Compose(n, c.For(n)))
		r, _ := post.PublicationRuleOf(n)
		out.Networks[n] = measuredJSON{Length: r.Unit.Count(text), Limit: r.Max, Unit: r.Unit, Text: text}
	}
	return out, err
}

// checkedReply judges an answer to a citizen.
func (d *Desk) checkedReply(ctx context.Context, o postOrder) (checkedJSON, error) {
	n, text := mention.Network(o.Network), ""
	set(&text, o.Text)
	if !n.Known() {
		return checkedJSON{}, fault.Reject("desk.checkedReply", "network", "Esa red no existe.")
	}
	if o.Template != nil {
		return d.checkedTemplate(ctx, *o.Template)
	}
	rule := post.Of(n, o.Visibility)
	out := checkedJSON{Findings: []post.Finding{}, Networks: map[mention.Network]measuredJSON{
		n: {Length: rule.Unit.Count(text), Limit: rule.Max, Unit: rule.Unit, Text: text},
	}}
	if err := post.Check(n, o.Visibility, text); err != nil {
		out.Findings = append(out.Findings, post.Finding{
			Rule: "reply", Level: post.LevelError, Network: n, Field: problemOf(err).Campo, Message: problemOf(err).Motivo,
		})
	}
	kind := post.KindReplyPublic
	if o.Visibility == post.Private {
		kind = post.KindReplyPrivate
	}
	out.Findings = append(out.Findings, d.lint(n, text, kind)...)
	if spans := classify.PII(text); o.Visibility == post.Public {
		for _, span := range spans {
			out.Findings = append(out.Findings, post.Finding{
				Rule: "personal_data", Level: post.LevelError, Network: n, Field: post.FieldText, Start: span.Start, End: span.End,
				Message: "Muestra datos personales (" + span.Type + "). Bórralos: una respuesta pública la lee todo el mundo.",
			})
		}
	}
	return out, nil
}

// checkedTemplate judges an answer in an approved text.
func (d *Desk) checkedTemplate(ctx context.Context, says post.Template) (checkedJSON, error) {
	approved, err := d.texts(ctx)
	rule, _ := post.PublicationRuleOf(mention.WhatsApp)
	text := approved.read(&says, "")
	return checkedJSON{Findings: list(approved.findings(says, "")), Networks: map[mention.Network]measuredJSON{
		mention.WhatsApp: {Length: rule.Unit.Count(text), Limit: rule.Max, Unit: rule.Unit, Text: text},
	}}, err
}

// slotsAtOnce is how many free slots are given for each network.
const slotsAtOnce = 10

// slots gives the next good times to publish, of one network or of each of those we have.
func (d *Desk) slots(w http.ResponseWriter, req *http.Request) {
	if _, ok := d.reader(w, req); !ok {
		return
	}
	ctx, now := req.Context(), d.cfg.Arrived(req.Context())
	n := mention.Network(req.URL.Query().Get("network"))
	from, err := dayOrInstant("from", req.URL.Query().Get("from"), false, now)
	if err == nil && n != "" && !n.Known() {
		err = fault.Reject("desk.slots", "network", "Esa red no existe.")
	}
	if from.Before(now) {
		from = now
	}
	networks := []mention.Network{n}
	if n == "" {
		networks = mention.Networks()
	}
	var planned []agenda.Plan
	if err == nil {
		planned, err = d.cfg.Plans.Calendar(ctx, from.Add(-time.Hour), from.Add(slotsAhead), false)
	}
	out := page[post.Slot]{Items: []post.Slot{}}
	for _, n := range networks {
		if err == nil {
			var free []post.Slot
			free, err = post.NextSlots(n, takenOn(planned, n), from, slotsAtOnce, d.cfg.Days)
			out.Items = append(out.Items, free...)
		}
	}
	if errors.Is(err, calendar.ErrOutsideTable) {
		err = fault.Reject("desk.slots", "from", "Todavía no hay calendario de feriados para esa fecha.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	slices.SortStableFunc(out.Items, func(a, b post.Slot) int { return a.At.Compare(b.At) })
	d.json(w, http.StatusOK, out)
}

// slotsAhead is how far ahead posts may take a slot: as far as one is looked for.
const slotsAhead = 181 * 24 * time.Hour

// takenOn are the moments at which something of ours goes out on a network.
func takenOn(plans []agenda.Plan, n mention.Network) []time.Time {
	var out []time.Time
	for _, p := range plans {
		if state := p.State(); slices.Contains(p.Post.Networks, n) && state != post.Cancelled && state != post.Rejected && state != post.Expired {
			out = append(out, p.Post.PublishAt.At)
		}
	}
	return out
}

// mostDays is how many days one answer tells of.
const mostDays = 400

// days gives the days on which less, or nothing, goes out.
func (d *Desk) days(w http.ResponseWriter, req *http.Request) {
	const op = "desk.days"
	if _, ok := d.reader(w, req); !ok {
		return
	}
	today := d.cfg.Calendar.DateOf(d.cfg.Arrived(req.Context()), nil)
	from, err := dateOf("from", req.URL.Query().Get("from"), today)
	var to calendar.Date
	if err == nil {
		to, err = dateOf("to", req.URL.Query().Get("to"), from.AddDays(92))
	}
	if err == nil && (to.Before(from) || from.AddDays(mostDays).Before(to)) {
		err = fault.Reject(op, "to", "Pide a lo más 400 días, y el término después del comienzo.")
	}
	out := page[calendar.Day]{}
	if err == nil {
		out.Items, err = d.cfg.Days.Days(from, to)
	}
	if errors.Is(err, calendar.ErrOutsideTable) {
		err = fault.Reject(op, "to", "Todavía no hay calendario de feriados para esas fechas.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out.Items = list(out.Items)
	d.json(w, http.StatusOK, out)
}

func dateOf(field, text string, otherwise calendar.Date) (calendar.Date, error) {
	if text == "" {
		return otherwise, nil
	}
	day, err := calendar.ParseDate(text)
	if err != nil || day.Year < 2000 || day.Year >= 2100 {
		return day, fault.Reject("desk.dateOf", field, "Escribe la fecha así: 2026-12-01.")
	}
	return day, nil
}
