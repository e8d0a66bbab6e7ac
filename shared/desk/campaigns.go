package desk

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// campaignOrder is the body of every write on campaigns; each reads what it needs.
type campaignOrder struct {
	Version   *int    `json:"version"`
	Name      *string `json:"name"`
	Goal      *string `json:"goal"`
	From      *string `json:"from"`
	To        *string `json:"to"`
	Ended     *bool   `json:"ended"`
	Days      int     `json:"days"`
	Emergency bool    `json:"emergency"`
	Reason    string  `json:"reason"`
}

// campaignJSON is a campaign as the API shows it. States counts its posts by where they stand; lists do not carry it.
type campaignJSON struct {
	ID        string                   `json:"id"`
	Version   int                      `json:"version"`
	Name      string                   `json:"name"`
	Goal      string                   `json:"goal,omitempty"`
	From      string                   `json:"from,omitempty"`
	To        string                   `json:"to,omitempty"`
	Ended     bool                     `json:"ended"`
	Author    personJSON               `json:"author"`
	CreatedAt time.Time                `json:"createdAt"`
	States    map[post.State]int       `json:"states,omitempty"`
	May       map[string]ticket.Option `json:"may"`
	Applied   *appliedJSON             `json:"applied,omitempty"`
}

func showCampaign(c post.Campaign, by ticket.Actor) campaignJSON {
	_, err := agenda.EditCampaign(c, by, agenda.CampaignOrder{})
	return campaignJSON{
		ID: c.ID, Version: c.Rev, Name: c.Name, Goal: c.Goal, From: c.From, To: c.To, Ended: c.Ended,
		Author: personJSON{c.By, c.ByName}, CreatedAt: c.CreatedAt, May: map[string]ticket.Option{mayEdit: ticket.OptionOf(err)},
	}
}

func (d *Desk) listCampaigns(w http.ResponseWriter, req *http.Request) {
	by, ok := d.reader(w, req)
	if !ok {
		return
	}
	all, err := d.cfg.Campaigns.Campaigns(req.Context())
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := page[campaignJSON]{Items: []campaignJSON{}}
	for i := len(all) - 1; i >= 0; i-- { // the newest first: their ids are in the order of time
		out.Items = append(out.Items, showCampaign(all[i], by))
	}
	d.json(w, http.StatusOK, out)
}

func (d *Desk) getCampaign(w http.ResponseWriter, req *http.Request) {
	by, ok := d.reader(w, req)
	if !ok {
		return
	}
	c, err := d.cfg.Campaigns.Campaign(req.Context(), req.PathValue("id"))
	var shown campaignJSON
	if err == nil {
		shown, err = d.counted(req.Context(), c, by)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, shown)
}

// counted shows a campaign with how many of its posts stand where.
func (d *Desk) counted(ctx context.Context, c post.Campaign, by ticket.Actor) (campaignJSON, error) {
	shown := showCampaign(c, by)
	members, err := d.cfg.Campaigns.Members(ctx, c.ID)
	shown.States = map[post.State]int{}
	for _, p := range members {
		shown.States[p.State()]++
	}
	return shown, err
}

// changing is who changes campaigns, and what they ask for.
func (d *Desk) changing(w http.ResponseWriter, req *http.Request) (by ticket.Actor, click ticket.Click, o campaignOrder, ok bool) {
	by, ok = d.reader(w, req)
	if !ok {
		return by, click, o, false
	}
	click, o, p := asked[campaignOrder](req, by)
	if p != nil {
		d.problem(w, *p)
		return by, click, o, false
	}
	return by, click, o, !d.repeated(w, req, click)
}

func (o campaignOrder) read() agenda.CampaignOrder {
	return agenda.CampaignOrder{Name: o.Name, Goal: o.Goal, From: o.From, To: o.To, Ended: o.Ended}
}

func (d *Desk) createCampaign(w http.ResponseWriter, req *http.Request) {
	by, click, o, ok := d.changing(w, req)
	if !ok {
		return
	}
	now := d.cfg.Arrived(req.Context())
	change, err := agenda.NewCampaign(ticket.NewID(now, d.cfg.Entropy()), by, o.read(), now)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.write(w, req, click, answer{http.StatusCreated, showCampaign(*change.Campaign, by)}, change, nil)
}

// patchCampaign changes a campaign: as it was seen, or the freshest.
func (d *Desk) patchCampaign(w http.ResponseWriter, req *http.Request) {
	by, click, o, ok := d.changing(w, req)
	if !ok {
		return
	}
	for range postRounds {
		c, err := d.cfg.Campaigns.Campaign(req.Context(), req.PathValue("id"))
		if err == nil && o.Version != nil && *o.Version != c.Rev {
			d.staleCampaign(w, req, by)
			return
		}
		var change ticket.Change
		if err == nil {
			change, err = agenda.EditCampaign(c, by, o.read())
		}
		var shown campaignJSON
		if err == nil {
			shown, err = d.counted(req.Context(), *change.Campaign, by)
		}
		if err != nil {
			d.fail(w, req, err, nil)
			return
		}
		lost := false
		if d.write(w, req, click, answer{http.StatusOK, shown}, change, func() { lost = true }) || !lost {
			return
		}
	}
	d.staleCampaign(w, req, by)
}

// staleCampaign says that the campaign changed meanwhile, and how it is now.
func (d *Desk) staleCampaign(w http.ResponseWriter, req *http.Request, by ticket.Actor) {
	c, err := d.cfg.Campaigns.Campaign(req.Context(), req.PathValue("id"))
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	shown := showCampaign(c, by)
	d.problem(w, problem{
		Status: http.StatusConflict, Title: "La campaña cambió", Campaign: &shown,
		Detail: "La campaña cambió mientras la mirabas. Revisa cómo quedó e inténtalo de nuevo.",
	})
}

// maxMove is how far the posts of a campaign move at once, in days.
const maxMove = 366

// actCampaign does the same with every post of a campaign that lets it be done; the answer says which were passed by, and why.
func (d *Desk) actCampaign(w http.ResponseWriter, req *http.Request) {
	by, click, o, ok := d.changing(w, req)
	if !ok {
		return
	}
	c, err := d.cfg.Campaigns.Campaign(req.Context(), req.PathValue("id"))
	var decide deed
	if err == nil {
		decide, err = d.campaignDeed(req.PathValue("action"), o)
	}
	if err == nil && !ticket.Allowed(by, ticket.CanPost) && !ticket.Allowed(by, ticket.CanApprovePost) {
		err = fault.Say(fault.Denied, "desk.actCampaign", "Tu rol no puede cambiar campañas.")
	}
	var applied *appliedJSON
	if err == nil {
		s := stepper{d: d, req: req, by: by, click: click, decide: decide, lenient: true}
		applied, err = d.eachMember(s, c)
	}
	var shown campaignJSON
	if err == nil {
		shown, err = d.counted(req.Context(), c, by)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	shown.Applied = applied
	d.write(w, req, click, answer{http.StatusOK, shown}, ticket.Change{}, nil)
}

// eachMember carries out a deed on the posts of a campaign.
func (d *Desk) eachMember(s stepper, c post.Campaign) (*appliedJSON, error) {
	members, err := d.cfg.Campaigns.Members(s.req.Context(), c.ID)
	if err != nil {
		return nil, err
	}
	e, err := d.eye(s.req.Context(), s.by, d.cfg.Arrived(s.req.Context()))
	if err != nil {
		return nil, err
	}
	return s.each(e, members)
}

// campaignDeed is what a campaign's act does with each of its posts.
func (d *Desk) campaignDeed(act string, o campaignOrder) (deed, error) {
	const op = "desk.campaignDeed"
	switch act {
	case "submit", "approve", "cancel":
		decide, _ := d.deedOf(act, postOrder{Emergency: o.Emergency, Reason: o.Reason})
		return decide, nil
	case "move":
		if o.Days == 0 || o.Days > maxMove || o.Days < -maxMove {
			return nil, fault.Reject(op, "days", "Elige cuántos días se mueve: hasta "+strconv.Itoa(maxMove)+", hacia adelante o hacia atrás (−).")
		}
		return func(e eye, p agenda.Plan) (ticket.Change, error) {
			c := p.Post.Content
			if c.PublishAt.Local == "" {
				return ticket.Change{}, fault.Say(fault.Conflict, op, "No tiene fecha que mover.")
			}
			m, err := shifted(c.PublishAt, o.Days, c.PublishAt.Local[len(time.DateOnly):], c.PublishAt.Zone, c.PublishAt.Later)
			if err != nil {
				return ticket.Change{}, err
			}
			c.PublishAt = m
			return d.edited(e, p, c, aboutOf(p.Post))
		}, nil
	default:
		return nil, fault.Say(fault.NotFound, op, "Esa acción no existe.")
	}
}
