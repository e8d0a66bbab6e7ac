package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// deed decides one step of a post.
type deed func(e eye, p agenda.Plan) (ticket.Change, error)

// overtaken is a refusal because of how the post is now.
type overtaken struct {
	err  error
	plan agenda.Plan
}

func (o *overtaken) Error() string { return o.err.Error() }
func (o *overtaken) Unwrap() error { return o.err }

// flawed is a refusal because of what the post says; findings are all that is wrong with it.
type flawed struct {
	err      error
	findings []post.Finding
}

func (f *flawed) Error() string { return f.err.Error() }
func (f *flawed) Unwrap() error { return f.err }

const postMoved = "La publicación cambió mientras la mirabas. Revisa cómo quedó e inténtalo de nuevo."

// errNothingFailed tells that no network waits for a decision.
var errNothingFailed = fault.Say(fault.Conflict, "desk.decisions", "En ninguna red hay algo que decidir.")

// judged gives what was decided, unless what the post says keeps it from that.
func judged(change ticket.Change, err error, findings []post.Finding) (ticket.Change, error) {
	if err != nil && !fault.Is(err, fault.Invalid) || err == nil && !post.Blocked(findings) {
		return change, err
	}
	if err == nil {
		for _, f := range findings {
			if f.Level == post.LevelError {
				err = fault.Reject("desk.judged", f.Field, f.Message)
				break
			}
		}
	}
	return ticket.Change{}, &flawed{err, findings}
}

// submitted asks a second person for the post.
func (d *Desk) submitted(e eye, p agenda.Plan, findings []post.Finding) (ticket.Change, error) {
	change, err := p.Submit(e.by, e.now)
	return judged(change, err, findings)
}

// approved lets the post out. An emergency may be on a day on which nothing else goes out.
func (d *Desk) approved(e eye, p agenda.Plan, c agenda.Consent, findings []post.Finding) (ticket.Change, error) {
	var unfit error
	if slices.Contains(p.Post.Networks, mention.WhatsApp) {
		p.People, unfit = e.people(p.Post.Cases)
		if says := p.Post.For(mention.WhatsApp).Template; unfit == nil && says != nil {
			unfit = e.texts.reach(*says, p.People)
		}
	}
	change, err := p.Approve(e.by, c, e.accounts, e.now)
	if unfit != nil && (err == nil || fault.Is(err, fault.Invalid)) {
		err = unfit
	}
	for _, n := range p.Post.Networks {
		if account := p.Post.Accounts[n]; err == nil && account != "" && !slices.Contains(e.accounts[n], account) {
			err = fault.Reject("desk.approved", "accounts", "La cuenta elegida de "+n.Title()+" no está conectada. Elige otra.")
		}
	}
	if c.Emergency {
		findings = slices.DeleteFunc(slices.Clone(findings), func(f post.Finding) bool { return f.Field == fieldMoment })
	}
	return judged(change, err, findings)
}

// edited gives the post another content. What waits for approval, or for its moment, must stay fit to go out.
func (d *Desk) edited(e eye, p agenda.Plan, c post.Content, about agenda.About) (ticket.Change, error) {
	change, err := p.Edit(e.by, c, about, e.now)
	state := p.State()
	if err != nil || state != post.Submitted && state != post.Planned || c.Digest() == p.Post.Digest() {
		return change, err
	}
	findings, err := d.findings(c, e.texts)
	if err != nil {
		return change, err
	}
	return judged(change, nil, findings)
}

// thrownAway takes a post away that nobody waits for.
func thrownAway(e eye, p agenda.Plan) (ticket.Change, error) {
	change, err := p.Cancel(e.by, e.now)
	if state := p.State(); err == nil && state != post.Draft && state != post.Rejected {
		err = fault.Say(fault.Conflict, "desk.thrownAway", "Solo se borra un borrador. Esta publicación se cancela.")
	}
	return change, err
}

// mayDraft refuses who may not write posts.
func mayDraft(by ticket.Actor) error {
	if !ticket.Allowed(by, ticket.CanPost) {
		return fault.Say(fault.Denied, "desk.mayDraft", "Tu rol no puede escribir publicaciones.")
	}
	return nil
}

// aboutOf is what a post belongs to.
func aboutOf(p post.Post) agenda.About {
	return agenda.About{Series: p.Series, Place: p.Place, Of: p.Of, Recurrence: p.Recurrence, Campaign: p.Campaign}
}

// decisions are what a person decides about one network on which a post failed.
func decisions() map[string]func(p agenda.Plan, e eye, o postOrder) (ticket.Change, error) {
	return map[string]func(p agenda.Plan, e eye, o postOrder) (ticket.Change, error){
		"retry": func(p agenda.Plan, e eye, o postOrder) (ticket.Change, error) { return p.Retry(e.by, o.Network, e.now) },
		"discard": func(p agenda.Plan, e eye, o postOrder) (ticket.Change, error) {
			return p.Discard(e.by, o.Network, e.now)
		},
		"published": func(p agenda.Plan, e eye, o postOrder) (ticket.Change, error) {
			if u, err := url.Parse(o.URL); o.URL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || len(o.URL) > 2000) {
				return ticket.Change{}, fault.Reject("desk.published", "url", "Pega una dirección completa, que empiece con https://.")
			}
			return p.Published(e.by, o.Network, o.URL, e.now)
		},
	}
}

// deeds of posts, by the name of the act; false for an act of nobody.
func (d *Desk) deedOf(act string, o postOrder) (deed, bool) {
	if decide, is := decisions()[act]; is {
		return func(e eye, p agenda.Plan) (ticket.Change, error) { return decide(p, e, o) }, true
	}
	weighed := func(decide func(e eye, p agenda.Plan, findings []post.Finding) (ticket.Change, error)) deed {
		return func(e eye, p agenda.Plan) (ticket.Change, error) {
			findings, err := d.findings(p.Post.Content, e.texts)
			if err != nil {
				return ticket.Change{}, err
			}
			return decide(e, p, findings)
		}
	}
	switch act {
	case "submit":
		return weighed(d.submitted), true
	case "approve":
		return weighed(func(e eye, p agenda.Plan, findings []post.Finding) (ticket.Change, error) {
			return d.approved(e, p, agenda.Consent{Emergency: o.Emergency, Reason: o.Reason}, findings)
		}), true
	case "reject":
		return func(e eye, p agenda.Plan) (ticket.Change, error) { return p.Reject(e.by, o.Reason, e.now) }, true
	case "cancel":
		return func(e eye, p agenda.Plan) (ticket.Change, error) { return p.Cancel(e.by, e.now) }, true
	case "review":
		return func(e eye, p agenda.Plan) (ticket.Change, error) { return p.Review(e.by, e.now) }, true
	default:
		return nil, false
	}
}

// askedPost reads a write on posts. A write without a body asks for nothing but itself.
func askedPost(req *http.Request, by ticket.Actor) (ticket.Click, postOrder, *problem) {
	click, body, p := clicked(req, by, maxPostRequest)
	var o postOrder
	if p != nil {
		return click, o, p
	}
	if len(bytes.TrimSpace(body)) > 0 && json.Unmarshal(body, &o) != nil {
		return click, o, &problem{
			Status: http.StatusBadRequest, Title: notUnderstood, Detail: "El contenido no es JSON válido, o un campo tiene otro tipo.",
		}
	}
	return click, o, nil
}

// writing is who writes on posts, and what they ask for; false when that was answered already.
func (d *Desk) writing(w http.ResponseWriter, req *http.Request) (by ticket.Actor, click ticket.Click, o postOrder, ok bool) {
	by, ok = d.reader(w, req)
	if !ok {
		return by, click, o, false
	}
	click, o, p := askedPost(req, by)
	if p != nil {
		d.problem(w, *p)
		return by, click, o, false
	}
	return by, click, o, !d.repeated(w, req, click)
}

// createPost begins a post, or all those of a recurrence.
func (d *Desk) createPost(w http.ResponseWriter, req *http.Request) {
	by, click, o, ok := d.writing(w, req)
	if !ok {
		return
	}
	ctx, now := req.Context(), d.cfg.Arrived(req.Context())
	content, err := post.Content{}, mayDraft(by)
	if err == nil {
		content, err = d.content(ctx, post.Content{}, o)
	}
	about := agenda.About{Recurrence: o.Recurrence}
	if err == nil {
		about.Campaign, err = d.campaignOf(ctx, "", o.Campaign)
	}
	if err != nil {
		d.failPost(w, req, by, err)
		return
	}
	if o.Recurrence != nil {
		d.createSeries(w, req, by, click, content, about)
		return
	}
	d.draft(w, req, by, click, ticket.NewID(now, d.cfg.Entropy()), content, about, nil)
}

// draft begins one post, and answers with it; stands answers when it is there already.
func (d *Desk) draft(
	w http.ResponseWriter, req *http.Request, by ticket.Actor, click ticket.Click, id string, c post.Content, about agenda.About, stands func(),
) {
	change, err := agenda.Draft(id, by, c, about, d.cfg.Arrived(req.Context()))
	var shown postJSON
	if err == nil {
		shown, err = d.showAs(req.Context(), by, agenda.Plan{Post: *change.Post})
	}
	if err != nil {
		d.failPost(w, req, by, err)
		return
	}
	d.write(w, req, click, answer{http.StatusCreated, shown}, change, stands)
}

// campaignOf gives the campaign asked for, or the one it was; one that has ended takes no further posts.
func (d *Desk) campaignOf(ctx context.Context, was string, asked *string) (string, error) {
	const op = "desk.campaignOf"
	if asked == nil || *asked == was || *asked == "" {
		if asked != nil {
			return *asked, nil
		}
		return was, nil
	}
	c, err := d.cfg.Campaigns.Campaign(ctx, *asked)
	switch {
	case fault.Is(err, fault.NotFound):
		return "", fault.Reject(op, "campaign", "Esa campaña no existe.")
	case err != nil:
		return "", err
	case c.Ended:
		return "", fault.Reject(op, "campaign", "Esa campaña está cerrada: no recibe más publicaciones.")
	default:
		return c.ID, nil
	}
}

func (d *Desk) patchPost(w http.ResponseWriter, req *http.Request) {
	d.onPost(w, req, func(o postOrder, lead agenda.Plan) (deed, error) { return d.rewriting(req.Context(), o, lead) })
}

func (d *Desk) deletePost(w http.ResponseWriter, req *http.Request) {
	d.onPost(w, req, func(postOrder, agenda.Plan) (deed, error) { return thrownAway, nil })
}

func (d *Desk) actPost(w http.ResponseWriter, req *http.Request) {
	act := req.PathValue("action")
	_, known := d.deedOf(act, postOrder{})
	switch {
	case act == "copy":
		d.copyPost(w, req)
	case act == "plan":
		d.onPost(w, req, func(o postOrder, lead agenda.Plan) (deed, error) {
			if len(o.PublishAt) == 0 {
				return nil, fault.Reject("desk.plan", fieldMoment, "Elige cuándo se publica.")
			}
			return d.rewriting(req.Context(), postOrder{PublishAt: o.PublishAt}, lead)
		})
	case known:
		d.onPost(w, req, func(o postOrder, _ agenda.Plan) (deed, error) {
			decide, _ := d.deedOf(act, o)
			return decide, nil
		})
	default:
		d.fail(w, req, fault.Say(fault.NotFound, "desk.actPost", "Esa acción no existe."), nil)
	}
}

// copyPost begins another post that says the same, at a moment still to be chosen.
func (d *Desk) copyPost(w http.ResponseWriter, req *http.Request) {
	by, click, _, ok := d.writing(w, req)
	if !ok {
		return
	}
	p, err := d.cfg.Plans.Plan(req.Context(), req.PathValue("id"))
	if err == nil {
		err = mayDraft(by)
	}
	if err != nil {
		d.failPost(w, req, by, err)
		return
	}
	c := p.Post.Content
	c.PublishAt = post.Moment{}
	about := agenda.About{}
	if campaign, err := d.campaignOf(req.Context(), "", &p.Post.Campaign); err == nil { // a closed one takes none
		about.Campaign = campaign
	}
	d.draft(w, req, by, click, ticket.NewID(d.cfg.Arrived(req.Context()), d.cfg.Entropy()), c, about, nil)
}

// failPost answers a refusal, with the post as it is now where it is that, and with all that is wrong with what it says.
func (d *Desk) failPost(w http.ResponseWriter, req *http.Request, by ticket.Actor, err error) {
	p := problemOf(err)
	var late *overtaken
	var bad *flawed
	if errors.As(err, &bad) {
		p.Findings = bad.findings
	}
	if errors.As(err, &late) {
		shown, failed := d.showAs(req.Context(), by, late.plan)
		if failed != nil {
			d.fail(w, req, failed, nil)
			return
		}
		p.Title, p.Post = "La publicación cambió", &shown
	}
	if p.Findings == nil && p.Post == nil {
		d.fail(w, req, err, nil)
		return
	}
	d.problem(w, p)
}

// afterPost is the plan as the change leaves it.
func afterPost(p agenda.Plan, c ticket.Change) agenda.Plan {
	out := agenda.Plan{Post: p.Post, Targets: slices.Clone(p.Targets)}
	if c.Post != nil {
		out.Post = *c.Post
	}
	for _, t := range c.Targets {
		if i := slices.IndexFunc(out.Targets, func(was post.Target) bool { return was.Name() == t.Name() }); i >= 0 {
			out.Targets[i] = t
			continue
		}
		out.Targets = append(out.Targets, t)
	}
	return out
}
