package citizen

import (
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// Away gives the event as it may be stored until the rest of its item is read: whatever names its author is sealed.
func (s Secret) Away(e mention.Event) mention.Event {
	if NamesPerson(e) {
		e.Key = s.Seal(e.Key)
	}
	if e.Network == mention.WhatsApp {
		e.Parent = s.Seal(e.Parent)
	}
	if !e.Public() || e.Author != nil && e.Author.ID != "" && e.Thread == e.Author.ID {
		e.Thread = s.Seal(e.Thread)
	}
	e.Remote, e.Recipient = "", ""
	if e.Author == nil {
		return e
	}
	author := mention.Author{ID: s.Seal(e.Author.ID), Name: e.Author.Name}
	for _, alias := range e.Author.Aliases {
		author.Aliases = append(author.Aliases, s.Seal(alias))
	}
	e.Author = &author
	return e
}

// Back gives the event that Away was given.
func (s Secret) Back(e mention.Event) (mention.Event, error) {
	var author mention.Author
	fields := []*string{&e.Key, &e.Parent, &e.Thread}
	if e.Author != nil {
		author = mention.Author{ID: e.Author.ID, Name: e.Author.Name, Aliases: append([]string(nil), e.Author.Aliases...)}
		e.Author = &author
		fields = append(fields, &author.ID)
		for i := range author.Aliases {
			fields = append(fields, &author.Aliases[i])
		}
	}
	for _, field := range fields {
		open, err := s.Open(*field)
		if err != nil {
			return mention.Event{}, err
		}
		*field = open
	}
	return e, nil
}

// NamesPerson reports whether the network's own name of an item tells who wrote it: those of WhatsApp hold the telephone, and
// of an item its network did not name the decoder made the name of the author's id.
func NamesPerson(e mention.Event) bool {
	known := e.Author != nil && e.Author.ID != ""
	return e.Network == mention.WhatsApp || known && !e.Public() && strings.Contains(e.Key, e.Author.ID)
}
