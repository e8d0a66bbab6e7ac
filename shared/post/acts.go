package post

import "sence.gob.cl/gestor/shared/mention"

// ActRule is one line of the table of acts: whether a network has a verb and, when not, why, in a sentence for the person
// (None).
type ActRule struct {
	Network mention.Network
	Verb    Verb
	None    string
}

// Verbs lists every verb, in the order the console shows them. Nobody is blocked or banned: a public service may not shut
// anybody out of its pages (Contraloría, dictamen E545210 of 2024), so there is no such verb.
func Verbs() []Verb { return []Verb{Hide, Unhide, Like, Remove} }

// ActRules gives the table: every network with every verb (platforms.md §3 to §5).
func ActRules() []ActRule {
	const (
		noHideLinkedIn = "LinkedIn no permite ocultar comentarios, ni desde aquí ni en su aplicación."
		noWhatsApp     = "En WhatsApp no hay nada público que ocultar."
	)
	return []ActRule{
		{Network: mention.Facebook, Verb: Hide},
		{Network: mention.Facebook, Verb: Unhide},
		{Network: mention.Facebook, Verb: Like},
		{Network: mention.Facebook, Verb: Remove},
		{Network: mention.Instagram, Verb: Hide},
		{Network: mention.Instagram, Verb: Unhide},
		{Network: mention.Instagram, Verb: Like, None: "Instagram no permite marcar «me gusta» desde aquí. Hazlo en la aplicación de la red."},
		{Network: mention.Instagram, Verb: Remove},
		{Network: mention.X, Verb: Hide},
		{Network: mention.X, Verb: Unhide},
		{Network: mention.X, Verb: Like, None: "X no permite marcar «me gusta» desde aquí. Hazlo en la aplicación de la red."},
		{Network: mention.X, Verb: Remove},
		{Network: mention.LinkedIn, Verb: Hide, None: noHideLinkedIn},
		{Network: mention.LinkedIn, Verb: Unhide, None: noHideLinkedIn},
		{Network: mention.LinkedIn, Verb: Like},
		{Network: mention.LinkedIn, Verb: Remove},
		{Network: mention.WhatsApp, Verb: Hide, None: noWhatsApp},
		{Network: mention.WhatsApp, Verb: Unhide, None: noWhatsApp},
		{Network: mention.WhatsApp, Verb: Like, None: "WhatsApp no permite marcar «me gusta» desde aquí."},
		{Network: mention.WhatsApp, Verb: Remove, None: "WhatsApp no permite borrar un mensaje desde aquí. Bórralo en la aplicación de la red."},
	}
}

// ActOf gives the line of the table for network n and verb v.
func ActOf(n mention.Network, v Verb) ActRule {
	for _, r := range ActRules() {
		if r.Network == n && r.Verb == v {
			return r
		}
	}
	return ActRule{Network: n, Verb: v, None: "Esa acción no existe en esta red."}
}
