package agenda

import (
	"strings"
	"time"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// What a campaign may be called at most, and say of itself, in characters.
const (
	maxCampaignName = 120
	maxCampaignGoal = 2000
)

// CampaignOrder is what is to change of a campaign; what is nil stays.
type CampaignOrder struct {
	Name, Goal, From, To *string
	Ended                *bool
}

// NewCampaign begins a campaign.
func NewCampaign(id string, by ticket.Actor, o CampaignOrder, now time.Time) (ticket.Change, error) {
	return changed(post.Campaign{ID: id, By: by.ID, ByName: by.Name, CreatedAt: now.UTC()}, by, o)
}

// EditCampaign changes what a campaign says of itself, or ends it for new posts.
func EditCampaign(c post.Campaign, by ticket.Actor, o CampaignOrder) (ticket.Change, error) {
	return changed(c, by, o)
}

func changed(c post.Campaign, by ticket.Actor, o CampaignOrder) (ticket.Change, error) {
	const op = "agenda.campaign"
	if !ticket.Allowed(by, ticket.CanPost) && !ticket.Allowed(by, ticket.CanApprovePost) {
		return ticket.Change{}, fault.Say(fault.Denied, op, "Tu rol no puede cambiar campañas.")
	}
	for _, field := range []struct{ to, from *string }{{&c.Name, o.Name}, {&c.Goal, o.Goal}, {&c.From, o.From}, {&c.To, o.To}} {
		if field.from != nil {
			*field.to = strings.TrimSpace(*field.from)
		}
	}
	if o.Ended != nil {
		c.Ended = *o.Ended
	}
	switch {
	case c.Name == "" || utf8.RuneCountInString(c.Name) > maxCampaignName:
		return ticket.Change{}, fault.Reject(op, "name", "Ponle un nombre a la campaña, de hasta 120 caracteres.")
	case utf8.RuneCountInString(c.Goal) > maxCampaignGoal:
		return ticket.Change{}, fault.Reject(op, "goal", "El objetivo puede tener hasta 2.000 caracteres.")
	case !isDay(c.From):
		return ticket.Change{}, fault.Reject(op, "from", "Escribe la fecha así: 2026-12-01.")
	case !isDay(c.To) || c.From != "" && c.To != "" && c.To < c.From:
		return ticket.Change{}, fault.Reject(op, "to", "Escribe la fecha así: 2026-12-01. El término va después del comienzo.")
	}
	c.Rev++
	return ticket.Change{Campaign: &c}, nil
}

func isDay(text string) bool {
	_, err := calendar.ParseDate(text)
	return text == "" || err == nil
}
