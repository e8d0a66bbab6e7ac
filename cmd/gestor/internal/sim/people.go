package sim

// fictitious are the people the pages offer to write as; the handle is what their id is made of.
func fictitious() []person {
	return []person{
		{"persona.ficticia.rojas", "Persona Ficticia Rojas"},
		{"ciudadana.ficticia.perez", "Ciudadana Ficticia Pérez"},
		{"vecino.ficticio.munoz", "Vecino Ficticio Muñoz"},
		{"alumna.ficticia.soto", "Alumna Ficticia Soto"},
		{"trabajador.ficticio.diaz", "Trabajador Ficticio Díaz"},
		{"jefa.ficticia.contreras", "Jefa de Hogar Ficticia Contreras"},
		{"egresado.ficticio.silva", "Egresado Ficticio Silva"},
		{"persona.inventada.araya", "Persona Inventada Araya"},
		{"relatora.ficticia.fuentes", "Relatora Ficticia Fuentes"},
		{"pyme.ficticia.espinoza", "Pyme Ficticia Espinoza"},
		{"cesante.ficticio.valenzuela", "Cesante Ficticio Valenzuela"},
		{"joven.ficticio.tapia", "Joven Ficticio Tapia"},
		{"usuaria.ficticia.reyes", "Usuaria Ficticia Reyes"},
		{"promo.ficticia", "Promociones Ficticias"},
	}
}

// scene is one text of the simulated morning. Class is what its writer meant, for tests. Post counts the page's posts
// from 0; After is the number, from 1, of an earlier scene whose comment this one answers. Back is how many business
// days ago it was written: 0 means this morning.
type scene struct {
	Class string
	Net   string // empty on Facebook
	Kind  string
	Who   int
	Post  int
	After int
	Back  int
	Text  string
}

// scenes are the 40 texts of a morning. Nobody in them exists: identifiers come from ranges nobody was given.
func scenes() []scene {
	return append(oldScenes(), freshScenes()...)
}

// oldScenes waited over several business days, so that terms are close or gone.
func oldScenes() []scene {
	return []scene{
		{Class: "reclamo", Kind: kindComment, Who: 0, Post: 1, Back: 24, Text: "Me dieron por aprobado el subsidio en la plataforma y hasta el día de hoy no me llega ni un peso. Ya van tres veces que pregunto y nadie responde."},
		{Class: "reclamo", Net: targetX, Kind: kindMention, Who: 4, Back: 22, Text: "Terminé el curso de soldadura hace más de dos meses y la OTEC todavía no sube las notas. Sin eso no me dan el diploma, ¿hasta cuándo hay que esperar?"},
		{Class: "reclamo", Net: targetInstagram, Kind: kindComment, Who: 5, Back: 21, Text: "Me rechazaron el bono diciendo que no tengo cotizaciones y las tengo todas al día. Revisen bien antes de rechazar a la gente."},
		{Class: "consulta", Net: targetWhatsApp, Kind: kindDM, Who: 3, Back: 8, Text: "Hola, buenas tardes. Quisiera saber si puedo postular a un curso estando con licencia médica. Gracias."},
		{Class: "consulta", Net: targetLinkedIn, Kind: kindComment, Who: 9, Back: 6, Text: "¿Las empresas chicas pueden usar la franquicia tributaria o es solo para las grandes?"},
		{Class: "reclamo", Kind: kindDM, Who: 10, Back: 12, Text: "Buenas, mi RUT es 34.512.908-1 y me descontaron la mitad del subsidio sin explicarme nada. Necesito que lo arreglen."},
		{Class: "denuncia", Kind: kindPost, Who: 7, Back: 5, Text: "En el instituto donde hago el curso nos piden firmar la asistencia de compañeros que nunca van. Eso es fraude y ustedes lo están pagando."},
		{Class: "consulta", Net: targetInstagram, Kind: kindComment, Who: 11, Back: 4, Text: "cumplo 25 en marzo, pierdo altiro el subsidio joven o me pagan hasta fin de año?"},
	}
}

func freshScenes() []scene {
	return []scene{
		{Class: "consulta", Net: targetInstagram, Kind: kindComment, Who: 1, Text: "Hola! ¿Hay cursos de manipulación de alimentos en Rancagua? No los encuentro en la página."},
		{Class: "reclamo", Kind: kindComment, Who: 0, Post: 1, After: 1, Text: "Sigo esperando respuesta del pago. Ya ni contestan el teléfono."},
		{Class: "felicitacion", Kind: kindComment, Who: 6, Post: 0, Text: "Gracias al curso de electricidad encontré pega la semana pasada. Muy agradecido del profe y de todo el equipo 👏"},
		{Class: "spam", Net: targetInstagram, Kind: kindComment, Who: 13, Text: "💰 Gana 500 lucas a la semana desde tu casa, sin experiencia!! Escríbeme por interno y te cuento 💰"},
		{Class: "reclamo", Net: targetX, Kind: kindComment, Who: 12, Text: "La plataforma de cursos en línea se cae justo cuando estoy dando la prueba. Perdí el intento y no me lo devuelven."},
		{Class: "consulta", Kind: kindComment, Who: 2, Post: 3, Text: "¿Cómo descargo el certificado si perdí la ClaveÚnica? El Registro Civil de mi comuna está cerrado."},
		{Class: "sugerencia", Net: targetLinkedIn, Kind: kindComment, Who: 8, Text: "Sería bueno que los cursos presenciales tuvieran horario vespertino, los que trabajamos no alcanzamos a llegar a las seis."},
		{Class: "denuncia", Net: targetX, Kind: kindMention, Who: 10, Text: "Hay una página que se hace pasar por SENCE y está pidiendo la clave del banco para «liberar el bono». A mi vecina ya la estafaron."},
		{Class: "reclamo", Net: targetWhatsApp, Kind: kindDM, Who: 5, Text: "Llevo dos semanas llamando para que corrijan mi cuenta RUT en el sistema y me mandan de una oficina a otra. Una falta de respeto."},
		{Class: "consulta", Net: targetInstagram, Kind: kindDM, Who: 1, Text: "¿Me pueden confirmar qué documentos tengo que llevar para inscribirme en el curso de peluquería?"},
		{Class: "felicitacion", Net: targetLinkedIn, Kind: kindMention, Who: 3, Text: "Quiero agradecer a la señorita que me atendió en la oficina de Talca. Me explicó todo con mucha paciencia y quedé inscrita al tiro."},
		{Class: "consulta", Net: targetX, Kind: kindMention, Who: 11, Text: "alguien sabe cuando abren las postulaciones para programación?? soy de Osorno"},
		{Class: "spam", Kind: kindComment, Who: 13, Post: 1, Text: "Vendo zapatillas originales, todas las tallas, despacho a regiones. Más info en mi perfil"},
		{Class: "reclamo", Net: targetX, Kind: kindMention, Who: 4, Text: "Excelente servicio: cuarenta minutos esperando en el teléfono para que al final se corte la llamada. Un siete."},
		{Class: "consulta", Kind: kindComment, Who: 7, Post: 1, Text: "Trabajo a honorarios, ¿puedo postular al subsidio o tiene que ser con contrato?"},
		{Class: "sugerencia", Net: targetX, Kind: kindPost, Who: 9, Text: "Una idea: que manden un mensaje de texto cuando cambie el estado de la postulación. Uno no vive revisando la página."},
		{Class: "reclamo", Kind: kindPost, Who: 12, Text: "Nos cambiaron el lugar del curso a la otra punta de la ciudad sin avisar y ahora nos quieren sacar por inasistencia. Exijo una solución."},
		{Class: "denuncia", Net: targetX, Kind: kindDM, Who: 8, Text: "Soy relatora y el dueño de la OTEC me está obligando a inventar notas de alumnos que dejaron el curso. Tengo los correos guardados."},
		{Class: "felicitacion", Net: targetInstagram, Kind: kindComment, Who: 1, Text: "Bajé mi certificado en dos minutos, súper fácil. Buena mejora!"},
		{Class: "consulta", Net: targetLinkedIn, Kind: kindComment, Who: 6, Text: "¿El curso de inglés en línea entrega diploma? Lo necesito para un concurso público."},
		{Class: "spam", Net: targetInstagram, Kind: kindComment, Who: 13, Text: "jajaja 😂😂 etiqueta a tu amigo que nunca llega a la hora"},
		{Class: "reclamo", Kind: kindComment, Who: 2, Post: 1, Text: "Mi empleador cobra el subsidio y a mí no me ha llegado lo que me corresponde, mi RUT es 41.207.355-K revisen por favor"},
		{Class: "sugerencia", Net: targetInstagram, Kind: kindComment, Who: 3, Text: "Podrían poner los videos de los cursos con subtítulos, mi papá es sordo y no puede seguir las clases."},
		{Class: "consulta", Net: targetWhatsApp, Kind: kindDM, Who: 9, Text: "Buenos días, somos una pyme de cuatro personas. ¿A quién le escribimos para capacitar al equipo con Despega Mipe?"},
		{Class: "felicitacion", Kind: kindComment, Who: 7, Post: 0, After: 11, Text: "Felicitaciones! A mí también me fue muy bien en ese curso, se pasaron."},
		{Class: "denuncia", Kind: kindComment, Who: 4, Post: 0, Text: "En el curso de aseo nos están cobrando 20 mil pesos por el diploma siendo que es gratis. Fiscalicen esa OTEC por favor."},
		{Class: "spam", Net: targetX, Kind: kindComment, Who: 13, Text: "Créditos rápidos sin DICOM 🤑 aprobación inmediata, llama al 9 0012 3456"},
		{Class: "consulta", Kind: kindComment, Who: 5, Post: 1, Text: "Hola, ¿el subsidio al empleo se paga igual si cambio de trabajo a mitad de mes?"},
		{Class: "reclamo", Kind: kindDM, Who: 2, Text: "Postulé en agosto, me llegó un correo que decía seleccionado y ahora aparezco rechazado. ¿Quién responde por eso?"},
		{Class: "sugerencia", Net: targetLinkedIn, Kind: kindComment, Who: 6, Text: "Propongo que haya más cursos de energías renovables en el norte, pega hay y falta gente preparada."},
		{Class: "felicitacion", Net: targetWhatsApp, Kind: kindDM, Who: 12, Text: "Solo quería dar las gracias, ayer me solucionaron lo del certificado. Muy amables."},
		{Class: "spam", Kind: kindPost, Who: 13, Text: "Se arrienda cabaña en la playa para fin de semana largo, consulten disponibilidad"},
	}
}
