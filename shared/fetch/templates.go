package fetch

import (
	"context"

	"sence.gob.cl/gestor/shared/channel"
)

// Templater is a Reader of a network that lets us say certain things only in texts it has approved.
type Templater interface {
	Templates(ctx context.Context, a channel.Access) ([]channel.KnownTemplate, channel.Usage, error)
}

// readTemplates reads the approved texts of the account, as often as its rights are looked at. A network that does not show them
// works all the same, and what was known of them stays.
func (v *visit) readTemplates(ctx context.Context, r Reader, a channel.Access) {
	reader, can := r.(Templater)
	if !can || v.health == nil {
		return
	}
	all, usage, err := reader.Templates(ctx, a)
	read := err == nil
	if final(reasonOf(r, err)) {
		err = nil
	}
	if v.took(ctx, r, usage, err) && read {
		v.templates = &all
	}
}
