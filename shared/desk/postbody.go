package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// postOrder is the body of every write on posts; each reads what it needs. What is absent of a content stays as it is.
type postOrder struct {
	Version    *int                              `json:"version"`
	Scope      string                            `json:"scope"`
	Text       *string                           `json:"text"`
	Link       *string                           `json:"link"`
	Variants   *map[mention.Network]variantOrder `json:"variants"`
	Networks   *[]mention.Network                `json:"networks"`
	Accounts   *map[mention.Network]string       `json:"accounts"`
	Media      *[]mediaOrder                     `json:"media"`
	PublishAt  json.RawMessage                   `json:"publishAt"`
	Recurrence *post.Recurrence                  `json:"recurrence"`
	Campaign   *string                           `json:"campaign"`
	Resend     *bool                             `json:"resend"`
	Cases      *[]string                         `json:"cases"`
	// Of the acts.
	Emergency bool   `json:"emergency"`
	Reason    string `json:"reason"`
	Network   string `json:"network"`
	URL       string `json:"url"`
	// Of a check.
	Kind       string          `json:"kind"`
	Visibility post.Visibility `json:"visibility"`
	Template   *post.Template  `json:"template"`
}

type variantOrder struct {
	Text     *string        `json:"text"`
	Link     *string        `json:"link"`
	Media    *[]mediaOrder  `json:"media"`
	Template *post.Template `json:"template"`
}

type mediaOrder struct {
	ID  string `json:"id"`
	Alt string `json:"alt"`
}

// What a post takes at most, whatever its networks do: a draft may hold anything else.
const (
	maxPostRequest = 128 << 10
	maxPostText    = 64 << 10
	maxPostMedia   = 40
)

// fieldMoment is what a wrong moment is told under.
const fieldMoment = "publishAt"

// content is what a post says once the order is carried out on what it said before.
func (d *Desk) content(ctx context.Context, was post.Content, o postOrder) (post.Content, error) {
	c := was
	set(&c.Text, o.Text)
	set(&c.Link, o.Link)
	set(&c.Resend, o.Resend)
	var err error
	if o.Networks != nil {
		c.Networks, err = networksOf(*o.Networks)
	}
	if err == nil && o.Accounts != nil {
		c.Accounts, err = accountsOf(*o.Accounts)
	}
	if err == nil && o.Media != nil {
		c.Media, err = d.attached(ctx, *o.Media)
	}
	if err == nil && o.Variants != nil {
		c.Variants, err = d.variants(ctx, *o.Variants)
	}
	if err == nil && o.Cases != nil {
		c.Cases, err = d.casesOf(ctx, *o.Cases)
	}
	if err == nil && len(o.PublishAt) > 0 {
		c.PublishAt, err = readMoment(fieldMoment, o.PublishAt)
	}
	if err == nil {
		err = short(c)
	}
	return c, err
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// short refuses what no network will ever take and the store need not keep.
func short(c post.Content) error {
	texts := []string{c.Text, c.Link}
	for _, v := range c.Variants {
		for _, text := range []*string{v.Text, v.Link} {
			if text != nil {
				texts = append(texts, *text)
			}
		}
	}
	for _, text := range texts {
		if len(text) > maxPostText {
			return fault.Reject("desk.short", post.FieldText, "El texto es demasiado largo para guardarlo. Acórtalo.")
		}
	}
	return nil
}

func networksOf(asked []mention.Network) ([]mention.Network, error) {
	var out []mention.Network
	for _, n := range asked {
		if !n.Known() {
			return nil, fault.Reject("desk.networksOf", "networks", "Esa red no existe.")
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func accountsOf(asked map[mention.Network]string) (map[mention.Network]string, error) {
	out := map[mention.Network]string{}
	for n, account := range asked {
		switch {
		case !n.Known():
			return nil, fault.Reject("desk.accountsOf", "accounts", "Esa red no existe.")
		case account != "":
			out[n] = account
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// attached gives the files asked for, with what the library knows of them.
func (d *Desk) attached(ctx context.Context, asked []mediaOrder) ([]post.Attached, error) {
	const op = "desk.attached"
	if len(asked) > maxPostMedia {
		return nil, fault.Reject(op, post.FieldMedia, "Son demasiados archivos: una publicación lleva hasta "+strconv.Itoa(maxPostMedia)+".")
	}
	var out []post.Attached
	for i, m := range asked {
		if len(m.Alt) > maxPostText {
			return nil, fault.Reject(op, post.FieldMedia, "La descripción del archivo es demasiado larga. Acórtala.")
		}
		facts, found, err := d.cfg.Files.File(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		if m.ID == "" || !found {
			return nil, fault.Reject(op, post.FieldMedia, "Archivo "+strconv.Itoa(i+1)+": no está en la biblioteca. Súbelo de nuevo.")
		}
		out = append(out, post.Attached{ID: m.ID, Alt: m.Alt, File: facts})
	}
	return out, nil
}

func (d *Desk) variants(ctx context.Context, asked map[mention.Network]variantOrder) (map[mention.Network]post.Variant, error) {
	out := map[mention.Network]post.Variant{}
	for n, o := range asked {
		if !n.Known() {
			return nil, fault.Reject("desk.variants", "variants", "Esa red no existe.")
		}
		v := post.Variant{Text: o.Text, Link: o.Link, Template: o.Template}
		if o.Media != nil {
			media, err := d.attached(ctx, *o.Media)
			if err != nil {
				return nil, err
			}
			media = list(media)
			v.Media = &media
		}
		if v != (post.Variant{}) {
			out[n] = v
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// readMoment reads when something is to happen: RFC 3339, what the clock on a wall shows, or as soon as it is approved. An
// instant is remembered as the seat's clock shows it, so that a series keeps it.
func readMoment(field string, raw json.RawMessage) (post.Moment, error) {
	const op = "desk.readMoment"
	wrong := fault.Reject(op, field, "La fecha no se entiende: va como 2026-12-01T09:00:00-03:00, o con local y zone.")
	raw = bytes.TrimSpace(raw)
	var o struct {
		Now   bool   `json:"now"`
		At    string `json:"at"`
		Local string `json:"local"`
		Zone  string `json:"zone"`
		Later bool   `json:"later"`
	}
	switch {
	case len(raw) == 0, bytes.Equal(raw, []byte("null")), bytes.Equal(raw, []byte(`""`)):
		return post.Moment{}, nil
	case raw[0] == '"':
		if json.Unmarshal(raw, &o.At) != nil {
			return post.Moment{}, wrong
		}
	default:
		if json.Unmarshal(raw, &o) != nil {
			return post.Moment{}, wrong
		}
	}
	if o.Now {
		return post.Moment{Now: true}, nil
	}
	zone, err := calendar.ZoneOf(field, o.Zone)
	if err != nil {
		return post.Moment{}, err
	}
	if o.Local != "" {
		return onWall(field, o.Local, zone, o.Later)
	}
	at, err := time.Parse(time.RFC3339, o.At)
	at = at.Truncate(time.Second)
	if err != nil || !decent(at) {
		return post.Moment{}, wrong
	}
	m := post.Moment{Local: calendar.Wall(at, zone), Zone: zone.String(), At: at.UTC()}
	if at.Second() != 0 {
		m.Local = at.In(zone).Format(calendar.WallSecond)
	}
	_, fold, err := calendar.Resolve(field, m.Local, zone, false)
	m.Later = err == nil && fold.Twice() && !at.Before(fold.Second)
	return m, nil
}

// onWall is the moment at which the clock on the wall of the zone shows local.
func onWall(field, local string, zone *time.Location, later bool) (post.Moment, error) {
	at, fold, err := calendar.Resolve(field, local, zone, later)
	if err != nil {
		return post.Moment{}, err
	}
	if !decent(at) {
		return post.Moment{}, fault.Reject("desk.onWall", field, "Ese año no sirve. Revisa la fecha.")
	}
	return post.Moment{Local: local, Zone: zone.String(), Later: later && fold.Twice(), At: at}, nil
}
