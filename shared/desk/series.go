package desk

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// How much of a series is meant.
const (
	scopeThis = "this"
	scopeNext = "next" // this one and those behind it
	scopeAll  = "all"
)

// createSeries makes a post of every date of a recurrence. Their ids follow from the click, and the first comes last, with its
// answer: a click that was cut short goes on where it ended.
func (d *Desk) createSeries(w http.ResponseWriter, req *http.Request, by ticket.Actor, click ticket.Click, c post.Content, about agenda.About) {
	moments, err := occurrences(*about.Recurrence, c.PublishAt)
	if err != nil {
		d.failPost(w, req, by, err)
		return
	}
	about.Series, about.Of = seriesID(click, moments[0].At), len(moments)
	for place := len(moments); place > 1; place-- {
		c.PublishAt, about.Place = moments[place-1], place
		change, err := agenda.Draft(agenda.MemberID(about.Series, place), by, c, about, d.cfg.Arrived(req.Context()))
		if err == nil {
			err = d.cfg.Cases.Commit(req.Context(), change)
		}
		if err != nil && !fault.Is(err, fault.Conflict) { // in conflict it stands already
			d.failPost(w, req, by, err)
			return
		}
	}
	c.PublishAt, about.Place = moments[0], 1
	first := agenda.MemberID(about.Series, 1)
	d.draft(w, req, by, click, first, c, about, func() {
		// The click came again after its answer was forgotten: the series stands.
		p, err := d.cfg.Plans.Plan(req.Context(), first)
		var shown postJSON
		if err == nil {
			shown, err = d.showAs(req.Context(), by, p)
		}
		if err != nil {
			d.failPost(w, req, by, err)
			return
		}
		d.json(w, http.StatusCreated, shown)
	})
}

// seriesID names the series that a click makes.
func seriesID(click ticket.Click, at time.Time) string {
	var entropy [10]byte
	copy(entropy[:], digest("series", click.Key, click.Digest))
	return ticket.NewID(at, entropy)
}

// occurrences are the moments of a recurrence, each at the same time of the clock on the wall.
func occurrences(r post.Recurrence, first post.Moment) ([]post.Moment, error) {
	const op = "desk.occurrences"
	if first.Local == "" {
		return nil, fault.Reject(op, fieldMoment, "Elige primero la fecha y la hora de la primera publicación.")
	}
	dates, err := r.Dates(first.Local, post.MaxDates)
	if err != nil {
		return nil, err
	}
	zone, err := calendar.ZoneOf(fieldMoment, first.Zone)
	if err != nil {
		return nil, err
	}
	out := make([]post.Moment, 0, len(dates))
	for _, local := range dates {
		m, err := onWall(fieldMoment, local, zone, first.Later)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// rewriting is the deed that gives a post, and others of its series, what the order says. The moment of the others moves by as
// many days as that of the first one, to the same time of the clock on the wall.
func (d *Desk) rewriting(ctx context.Context, o postOrder, lead agenda.Plan) (deed, error) {
	const op = "desk.rewriting"
	if o.Recurrence != nil && (lead.Post.Recurrence == nil || !sameRecurrence(*o.Recurrence, *lead.Post.Recurrence)) {
		return nil, fault.Reject(op, "recurrence", "La repetición no se cambia: cancela las que faltan y crea otras.")
	}
	asked, err := d.content(ctx, lead.Post.Content, o)
	if err != nil {
		return nil, err
	}
	campaign, err := d.campaignOf(ctx, lead.Post.Campaign, o.Campaign)
	if err != nil {
		return nil, err
	}
	return func(e eye, p agenda.Plan) (ticket.Change, error) {
		own := o
		own.PublishAt = nil
		c, err := d.content(ctx, p.Post.Content, own)
		if err == nil && len(o.PublishAt) > 0 {
			c.PublishAt = asked.PublishAt
			if p.Post.ID != lead.Post.ID {
				c.PublishAt, err = along(p.Post.PublishAt, lead.Post.PublishAt, asked.PublishAt)
			}
		}
		if err != nil {
			return ticket.Change{}, err
		}
		about := aboutOf(p.Post)
		if o.Campaign != nil {
			about.Campaign = campaign
		}
		return d.edited(e, p, c, about)
	}, nil
}

func sameRecurrence(a, b post.Recurrence) bool {
	return a.Every == b.Every && max(a.Interval, 1) == max(b.Interval, 1) && slices.Equal(a.Days, b.Days) && a.Until == b.Until && a.Count == b.Count
}

// along is where a moment goes when another one goes from one to the next.
func along(m, from, to post.Moment) (post.Moment, error) {
	const op = "desk.along"
	if to.Local == "" {
		return m, fault.Reject(op, fieldMoment, "Una serie necesita fecha y hora. Cambia solo esta publicación.")
	}
	if m.Local == "" {
		return m, nil
	}
	days := 0
	if from.Local != "" {
		was, errWas := calendar.ParseDate(from.Local[:len(time.DateOnly)])
		is, errIs := calendar.ParseDate(to.Local[:len(time.DateOnly)])
		if err := errors.Join(errWas, errIs); err != nil {
			return m, fault.New(fault.Permanent, op, err)
		}
		for ; was.Before(is); was = was.AddDays(1) {
			days++
		}
		for ; is.Before(was); is = is.AddDays(1) {
			days--
		}
	}
	return shifted(m, days, to.Local[len(time.DateOnly):], to.Zone, to.Later)
}

// shifted is a moment so many days later, at a time of the clock on the wall of a zone.
func shifted(m post.Moment, days int, clock, zoneName string, later bool) (post.Moment, error) {
	date, err := calendar.ParseDate(m.Local[:len(time.DateOnly)])
	if err != nil {
		return m, fault.New(fault.Permanent, "desk.shifted", err)
	}
	zone, err := calendar.ZoneOf(fieldMoment, zoneName)
	if err != nil {
		return m, err
	}
	return onWall(fieldMoment, date.AddDays(days).String()+clock, zone, later)
}

// others are the further posts of the series that are meant, in their order.
func (d *Desk) others(ctx context.Context, scope string, lead agenda.Plan) ([]agenda.Plan, error) {
	from := 1
	switch scope {
	case "", scopeThis:
		return nil, nil
	case scopeNext:
		from = lead.Post.Place + 1
	case scopeAll:
	default:
		return nil, fault.Reject("desk.others", "scope", "Elige si es esta publicación (this), desde esta (next) o toda la serie (all).")
	}
	if lead.Post.Series == "" {
		return nil, nil
	}
	all, err := d.cfg.Plans.Series(ctx, lead.Post.Series, from, lead.Post.Of)
	return slices.DeleteFunc(all, func(p agenda.Plan) bool { return p.Post.ID == lead.Post.ID }), err
}
