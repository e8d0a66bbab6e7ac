package sim

// right is something a key may allow, and what it is for as the page on which a person says yes calls it.
type right struct{ Name, For string }

// rightsKnown are the rights of an application's networks.
func rightsKnown(app string) []right {
	switch app {
	case appX:
		return []right{
			{"tweet.read", "Leer publicaciones y menciones"},
			{"tweet.write", "Publicar respuestas"},
			{"tweet.moderate.write", "Ocultar respuestas"},
			{"users.read", "Ver el nombre de las cuentas"},
			{"dm.read", "Leer mensajes privados"},
			{"dm.write", "Enviar mensajes privados"},
			{"media.write", "Subir imágenes"},
			{"like.read", "Ver los me gusta"},
			{"offline.access", "Renovar la clave sin volver a preguntar"},
		}
	case appLinkedIn:
		return []right{
			{"r_organization_social_feed", "Leer comentarios de la página"},
			{"w_organization_social_feed", "Comentar y borrar comentarios"},
			{"rw_organization_admin", "Administrar la página y sus avisos"},
		}
	}
	return []right{
		{"pages_show_list", "Ver la lista de páginas"},
		{"pages_read_engagement", "Leer las publicaciones de la página"},
		{"pages_read_user_content", "Leer y borrar lo que escriben las personas"},
		{"pages_manage_engagement", "Responder, ocultar y marcar me gusta"},
		{"pages_manage_metadata", "Recibir avisos de la página"},
		{"pages_manage_posts", "Publicar en la página"},
		{"read_insights", "Ver las estadísticas de la página"},
		{"pages_messaging", "Leer y enviar mensajes privados de la página"},
		{"instagram_basic", "Ver la cuenta de Instagram"},
		{"instagram_manage_comments", "Leer, responder y ocultar comentarios de Instagram"},
		{"instagram_manage_messages", "Leer y enviar mensajes privados de Instagram"},
		{"instagram_content_publish", "Publicar fotos y videos en Instagram"},
		{"instagram_manage_insights", "Ver las estadísticas de Instagram"},
		{"whatsapp_business_management", "Ver las cuentas y números de WhatsApp"},
		{"whatsapp_business_messaging", "Leer y enviar mensajes de WhatsApp"},
		{"business_management", "Ver las cuentas del negocio"},
	}
}

// rightFor says what a right is for; a name nobody knows stands for itself.
func rightFor(app, name string) string {
	for _, r := range rightsKnown(app) {
		for _, same := range sameRight(r.Name) {
			if same == name {
				return r.For
			}
		}
	}
	return name
}

// graphNeeds are the rights a call of Graph needs.
func graphNeeds(network, call string, message bool) []string {
	switch network {
	case targetInstagram:
		return instagramNeeds(call, message)
	case targetWhatsApp:
		switch call {
		case "POST messages", "GET ":
			return []string{"whatsapp_business_messaging"}
		}
		return []string{"whatsapp_business_management"}
	}
	switch call {
	case "GET comments", "GET feed", "GET visitor_posts", "GET tagged", "GET ratings", "DELETE ":
		return []string{"pages_read_user_content"}
	case "POST feed", "POST photos", "POST videos":
		return []string{"pages_manage_posts"}
	case "GET posts":
		return []string{"pages_read_engagement"}
	case "GET insights":
		return []string{"read_insights"}
	case "POST comments", "POST ", "POST likes", "DELETE likes":
		return []string{"pages_manage_engagement"}
	case "GET subscribed_apps", "POST subscribed_apps", "DELETE subscribed_apps":
		return []string{"pages_manage_metadata"}
	case "POST messages", "GET conversations", "GET messages":
		return []string{"pages_messaging"}
	}
	if message {
		return []string{"pages_messaging"}
	}
	return nil
}

func instagramNeeds(call string, message bool) []string {
	switch call {
	case "GET comments", "GET replies", "POST replies", "POST mentions", "POST ", "DELETE ":
		return []string{"instagram_manage_comments"}
	case "POST media", "POST media_publish", "POST feed", "GET content_publishing_limit":
		return []string{"instagram_content_publish"}
	case "GET insights":
		return []string{"instagram_manage_insights"}
	case "POST messages", "GET conversations", "GET messages":
		return []string{"instagram_manage_messages"}
	}
	if message {
		return []string{"instagram_manage_messages"}
	}
	return []string{"instagram_basic"}
}

// linkedinNeeds are the rights a call of LinkedIn needs.
func linkedinNeeds(method, resource string) []string {
	switch {
	case resource == "eventSubscriptions", resource == "organizationAcls", resource == "organizations", resource == "organizationsLookup",
		resource == "organizationalEntityNotifications", resource == "organizationalEntityShareStatistics":
		return []string{"rw_organization_admin"}
	case resource == "people":
		return nil
	case method == "GET":
		return []string{"r_organization_social_feed"}
	}
	return []string{"w_organization_social_feed"}
}
