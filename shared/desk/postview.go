package desk

import (
	"context"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// postJSON is a post of ours as the API shows it. Targets are its ways out, by network; State is the worst of them once it is
// planned. Findings are what is wrong with it, or to be looked at, as it stands. Applied tells what became of the others, when
// something was asked for more than one.
type postJSON struct {
	ID          string                          `json:"id"`
	Version     int                             `json:"version"`
	State       post.State                      `json:"state"`
	Text        string                          `json:"text"`
	Link        string                          `json:"link,omitempty"`
	Variants    map[mention.Network]variantJSON `json:"variants"`
	Networks    []mention.Network               `json:"networks"`
	Accounts    map[mention.Network]string      `json:"accounts,omitempty"`
	Media       []post.Attached                 `json:"media"`
	PublishAt   *momentJSON                     `json:"publishAt,omitempty"`
	Resend      bool                            `json:"resend,omitempty"`
	Cases       []string                        `json:"cases,omitempty"`
	Recurrence  *post.Recurrence                `json:"recurrence,omitempty"`
	Series      string                          `json:"series,omitempty"`
	Place       int                             `json:"place,omitempty"`
	Of          int                             `json:"of,omitempty"`
	Campaign    string                          `json:"campaign,omitempty"`
	Author      personJSON                      `json:"author"`
	Approval    *approvalJSON                   `json:"approval,omitempty"`
	Reason      string                          `json:"reason,omitempty"`
	CreatedAt   time.Time                       `json:"createdAt"`
	UpdatedAt   time.Time                       `json:"updatedAt"`
	SubmittedAt *time.Time                      `json:"submittedAt,omitempty"`
	Targets     map[string]targetJSON           `json:"targets"`
	Findings    []post.Finding                  `json:"findings"`
	May         map[string]ticket.Option        `json:"may"`
	Applied     *appliedJSON                    `json:"applied,omitempty"`
	Events      []audit.Entry                   `json:"events,omitempty"`
}

// variantJSON is what one network says differently; what is absent is as in the post. Preview is what a template reads as.
type variantJSON struct {
	Text     *string          `json:"text,omitempty"`
	Link     *string          `json:"link,omitempty"`
	Media    *[]post.Attached `json:"media,omitempty"`
	Template *post.Template   `json:"template,omitempty"`
	Preview  string           `json:"preview,omitempty"`
}

// momentJSON is when a post goes out. Note explains a time that the clock shows twice that night.
type momentJSON struct {
	Now   bool       `json:"now,omitempty"`
	At    *time.Time `json:"at,omitempty"`
	Local string     `json:"local,omitempty"`
	Zone  string     `json:"zone,omitempty"`
	Later bool       `json:"later,omitempty"`
	Note  string     `json:"note,omitempty"`
}

type personJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type approvalJSON struct {
	By        string    `json:"by"`
	Name      string    `json:"name"`
	At        time.Time `json:"at"`
	Emergency bool      `json:"emergency"`
	Reason    string    `json:"reason,omitempty"`
}

// targetJSON is a post on its way to one network.
type targetJSON struct {
	State     post.State    `json:"state"`
	Account   string        `json:"account"`
	At        time.Time     `json:"at"`
	Due       *time.Time    `json:"due,omitempty"`
	SentAt    *time.Time    `json:"sentAt,omitempty"`
	RemoteID  string        `json:"remoteId,omitempty"`
	URL       string        `json:"url,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Resent    bool          `json:"resent,omitempty"`
	EditedAt  *time.Time    `json:"editedAt,omitempty"`
	RemovedAt *time.Time    `json:"removedAt,omitempty"`
	Figures   *post.Figures `json:"figures,omitempty"`
}

// appliedJSON tells of an act on several posts: how many it changed, and which it passed by, and why.
type appliedJSON struct {
	Changed int           `json:"changed"`
	Skipped []skippedJSON `json:"skipped"`
}

type skippedJSON struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// showAs shows a post to somebody, now.
func (d *Desk) showAs(ctx context.Context, by ticket.Actor, p agenda.Plan) (postJSON, error) {
	e, err := d.eye(ctx, by, d.cfg.Arrived(ctx))
	if err != nil {
		return postJSON{}, err
	}
	return d.showPost(e, p)
}

// over reports whether nothing about what a post says can be decided any more.
func over(s post.State) bool { return s.Ended() || s == post.Unknown || s == post.Claimed }

// showPost shows a post to who looks.
func (d *Desk) showPost(e eye, p agenda.Plan) (postJSON, error) {
	var findings []post.Finding
	if !over(p.State()) { // what went out, or never will, is not judged any more
		var err error
		if findings, err = d.findings(p.Post.Content, e.texts); err != nil {
			return postJSON{}, err
		}
	}
	c := p.Post
	out := postJSON{
		ID: c.ID, Version: c.Version, State: p.State(), Text: c.Text, Link: c.Link, Variants: map[mention.Network]variantJSON{},
		Networks: list(c.Networks), Accounts: c.Accounts, Media: list(c.Media), PublishAt: showMoment(c.PublishAt), Resend: c.Resend, Cases: c.Cases,
		Recurrence: c.Recurrence, Series: c.Series, Place: c.Place, Of: c.Of, Campaign: c.Campaign,
		Author: personJSON{c.Author, c.AuthorName}, Reason: c.Reason, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		SubmittedAt: optional(c.SubmittedAt), Targets: map[string]targetJSON{}, Findings: list(findings), May: d.mayPost(e, p, findings),
	}
	for n, v := range c.Variants {
		out.Variants[n] = variantJSON{Text: v.Text, Link: v.Link, Media: v.Media, Template: v.Template, Preview: e.texts.read(v.Template, "")}
	}
	if a := c.Approval; a != nil {
		out.Approval = &approvalJSON{By: a.By, Name: a.Name, At: a.At, Emergency: a.Emergency, Reason: a.Reason}
	}
	for _, t := range p.Targets {
		out.Targets[t.Name()] = targetJSON{
			State: t.State, Account: t.Account, At: t.At, Due: optional(t.Due), SentAt: optional(t.SentAt), RemoteID: t.RemoteID, URL: t.URL,
			Reason: t.Reason, Resent: t.Resent, EditedAt: optional(t.EditedAt), RemovedAt: optional(t.RemovedAt), Figures: t.Figures,
		}
	}
	return out, nil
}

// showMoment shows when a post goes out; nil when nobody has said.
func showMoment(m post.Moment) *momentJSON {
	if !m.Now && m.At.IsZero() {
		return nil
	}
	return &momentJSON{Now: m.Now, At: optional(m.At), Local: m.Local, Zone: m.Zone, Later: m.Later, Note: noteOf(m)}
}

// noteOf explains a moment that the clock on its wall shows twice.
func noteOf(m post.Moment) string {
	if m.Local == "" {
		return ""
	}
	zone, err := calendar.ZoneOf(post.FieldText, m.Zone)
	if err != nil {
		return ""
	}
	_, fold, err := calendar.Resolve(fieldMoment, m.Local, zone, m.Later)
	if err != nil {
		return ""
	}
	return fold.Note(zone, m.Later)
}

// The keys of May of a post besides the acts.
const (
	mayEdit      = "edit"
	mayDelete    = "delete"
	mayEmergency = "emergency"
)

// mayPost tells what the actor may do with a post now: each act is decided exactly as it would be if it were asked for.
func (d *Desk) mayPost(e eye, p agenda.Plan, findings []post.Finding) map[string]ticket.Option {
	may := map[string]ticket.Option{}
	put := func(act string, err error) { may[act] = ticket.OptionOf(err) }
	_, err := p.Edit(e.by, p.Post.Content, aboutOf(p.Post), e.now)
	put(mayEdit, err)
	put("plan", err)
	_, err = d.submitted(e, p, findings)
	put("submit", err)
	_, err = d.approved(e, p, agenda.Consent{}, findings)
	put("approve", err)
	_, err = d.approved(e, p, agenda.Consent{Emergency: true, Reason: strings.Repeat("x", enough)}, findings)
	put(mayEmergency, err)
	_, err = p.Reject(e.by, "x", e.now)
	put("reject", err)
	_, err = p.Cancel(e.by, e.now)
	put("cancel", err)
	_, err = thrownAway(e, p)
	put(mayDelete, err)
	put("copy", mayDraft(e.by))
	_, err = p.Review(e.by, e.now)
	put("review", err)
	for act, decide := range decisions() {
		err = errNothingFailed
		for _, t := range p.Targets {
			if _, err = decide(p, e, postOrder{Network: t.Name()}); err == nil {
				break
			}
		}
		put(act, err)
	}
	return may
}

// enough is a reason long enough for an emergency, to ask whether one is allowed at all.
const enough = 20
