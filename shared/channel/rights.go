package channel

import (
	"slices"

	"sence.gob.cl/gestor/shared/mention"
)

// Right is one permission that an account must give us, in the network's own name, or in one of the names in Or where it has
// several. For says in a few words what it is for, and Without what does not work when it is missing, both for the person
// who connects the account.
type Right struct {
	Network mention.Network `json:"network"`
	Name    string          `json:"name"`
	Or      []string        `json:"or,omitempty"`
	For     string          `json:"for"`
	Without string          `json:"without"`
}

// Rights gives the table of all networks, in the order they are asked for.
func Rights() []Right {
	const (
		fb, ig, wa = mention.Facebook, mention.Instagram, mention.WhatsApp
		tw, li     = mention.X, mention.LinkedIn
	)
	return []Right{
		{fb, "pages_show_list", nil, "ver qué páginas administras", "No se puede elegir la página."},
		{fb, "pages_read_engagement", nil, "leer la página y lo que publica", "No se leen las publicaciones ni se revisa la cuenta."},
		{fb, "pages_read_user_content", nil, "leer lo que las personas escriben en la página", "No se leen comentarios, publicaciones ni recomendaciones."},
		{fb, "pages_manage_engagement", nil, "responder, ocultar y borrar comentarios", "No se puede responder en público ni ocultar."},
		{fb, "pages_manage_metadata", nil, "recibir los avisos de la página", "Los comentarios y mensajes no llegan solos."},
		{fb, "pages_manage_posts", nil, "publicar, corregir y borrar publicaciones de la página", "No se puede publicar."},
		{fb, "pages_messaging", nil, "leer y responder mensajes de Messenger", "No se puede responder en privado."},

		{ig, "instagram_basic", nil, "ver la cuenta y sus publicaciones", "No se lee nada de la cuenta."},
		{ig, "instagram_manage_comments", nil, "leer, responder, ocultar y borrar comentarios", "No se leen ni se responden comentarios y menciones."},
		{ig, "instagram_content_publish", nil, "publicar fotos y videos", "No se puede publicar."},
		{ig, "instagram_manage_messages", nil, "leer y responder mensajes directos", "No se leen ni se responden mensajes."},
		{ig, "pages_show_list", nil, "ver a qué página está unida la cuenta", "No se puede elegir la cuenta."},
		{ig, "pages_read_engagement", nil, "leer la página a la que está unida la cuenta", "No se revisa la cuenta."},
		{ig, "pages_manage_metadata", nil, "recibir los avisos de la cuenta", "Los comentarios y mensajes no llegan solos."},

		{wa, "whatsapp_business_messaging", nil, "recibir y responder mensajes", "No se puede responder."},
		{wa, "whatsapp_business_management", nil, "ver el número y recibir sus avisos", "No se revisa el número ni se repara su suscripción."},

		{tw, "tweet.read", nil, "leer menciones y respuestas", "No se lee ninguna mención."},
		{tw, "users.read", nil, "saber quién escribe", "No se sabe de quién es una mención."},
		{tw, "tweet.write", nil, "responder y borrar respuestas nuestras", "No se puede responder en público."},
		{tw, "media.write", nil, "subir imágenes y videos", "No se puede publicar con imágenes ni videos."},
		{tw, "tweet.moderate.write", nil, "ocultar respuestas", "No se pueden ocultar respuestas."},
		{tw, "dm.read", nil, "leer mensajes directos", "No se leen mensajes directos."},
		{tw, "dm.write", nil, "responder mensajes directos", "No se puede responder en privado."},
		{tw, "offline.access", nil, "seguir conectados sin pedirlo cada dos horas", "La conexión se acaba a las dos horas."},

		{li, "rw_organization_admin", nil, "ver las páginas que administras y recibir sus avisos", "No se puede elegir la página y los comentarios no llegan solos."},
		{li, "r_organization_social_feed", []string{"r_organization_social"}, "leer comentarios", "No se leen comentarios."},
		{li, "w_organization_social_feed", []string{"w_organization_social"}, "responder, marcar «me gusta» y borrar respuestas nuestras", "No se puede responder."},
	}
}

// RightsOf gives the rights of one network.
func RightsOf(n mention.Network) []Right {
	return slices.DeleteFunc(Rights(), func(r Right) bool { return r.Network != n })
}

// Names gives the names of the rights of one network, as they are asked for.
func Names(n mention.Network) []string {
	var out []string
	for _, r := range RightsOf(n) {
		out = append(out, r.Name)
	}
	return out
}

// Missing gives the names of the rights of a network that are not among those given.
func Missing(n mention.Network, given []string) []string {
	var out []string
	for _, r := range RightsOf(n) {
		if !slices.ContainsFunc(append([]string{r.Name}, r.Or...), func(name string) bool { return slices.Contains(given, name) }) {
			out = append(out, r.Name)
		}
	}
	return out
}

// WarnDays is how long before something ends people are told, when only a person can prolong it.
const WarnDays = 14
