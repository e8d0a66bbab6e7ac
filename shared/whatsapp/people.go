package whatsapp

import (
	"encoding/json"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// contact is one person of the array contacts. A person who chose a user name need not show a phone number: then there is
// only UserID, which Meta gives the person towards one business ("business-scoped user ID"), and perhaps Parent, which
// holds for several businesses of one owner.
type contact struct {
	WaID    ident `json:"wa_id"`
	UserID  ident `json:"user_id"`
	Parent  ident `json:"parent_user_id"`
	Profile struct {
		Name     words `json:"name"`
		Username ident `json:"username"`
	} `json:"profile"`
}

// people finds the contact of a message by what names the person, never by the place in the list.
type people struct {
	byUser, byPhone map[string]contact
	doubtful        map[string]bool // phone numbers under which the list has more than one person
}

func readPeople(raw json.RawMessage) people {
	list, _, _ := elements(raw, maxItems)
	p := people{byUser: map[string]contact{}, byPhone: map[string]contact{}, doubtful: map[string]bool{}}
	for _, item := range list {
		var c contact
		if !readObject(item, &c) {
			continue // a message without its contact still has its sender
		}
		if c.UserID.s != "" {
			p.byUser[c.UserID.s] = c
		}
		if c.WaID.s == "" {
			continue
		}
		if was, twice := p.byPhone[c.WaID.s]; twice && was.UserID.s != c.UserID.s {
			p.doubtful[c.WaID.s] = true
		}
		p.byPhone[c.WaID.s] = c
	}
	return p
}

// party is a person as a message or a status names them. Phone may hold a user id too, for those who show no number.
type party struct{ User, Phone, Parent ident }

func (p party) bad() bool { return p.User.bad || p.Phone.bad }

// find gives the contact of a party, an empty one when the list has none or leaves a doubt.
func (p people) find(who party) contact {
	for _, id := range []string{who.User.s, who.Phone.s} {
		if c, ok := p.byUser[id]; ok && id != "" {
			return c
		}
	}
	c := p.byPhone[who.Phone.s]
	if p.doubtful[who.Phone.s] || who.User.s != "" && c.UserID.s != "" {
		return contact{} // another person has, or had, that number
	}
	return c
}

// author is the person of a party with all their names. The id is the user id where one is known, because it stays when
// the phone number goes into hiding; the other names are aliases, the one for reading first and begun with @. Nil when nobody
// is named.
func (p people) author(who party) *mention.Author {
	c := p.find(who)
	var names []string
	for _, id := range []ident{who.User, c.UserID, who.Phone, c.WaID, who.Parent, c.Parent} {
		if id.s != "" && !slices.Contains(names, id.s) {
			names = append(names, id.s)
		}
	}
	if len(names) == 0 || who.User.s == "" && who.Phone.s == "" {
		return nil
	}
	a := &mention.Author{ID: names[0], Aliases: names[1:]}
	a.Name, _ = c.Profile.Name.capped()
	if username := strings.TrimPrefix(c.Profile.Username.s, "@"); username != "" && !slices.Contains(names, username) {
		a.Aliases = slices.Insert(a.Aliases, 0, "@"+username)
	}
	if len(a.Aliases) == 0 {
		a.Aliases = nil
	}
	return a
}
