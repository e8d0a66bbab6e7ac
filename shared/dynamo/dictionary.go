package dynamo

// dictionary1 is what our documents have in common, the commonest last: the API's answers, items of a case, the case
// itself. Stored bytes depend on every letter of it, so it is never edited, not even where the documents change; a better
// one would be dictionary 2 beside it.
const dictionary1 = `Gracias por escribirnos. Puedes revisar el estado en tu cuenta con tu ClaveÚnica en https://www.sence.gob.cl/ y ` +
	`si necesitas más información escríbenos por mensaje. Hola, buenas tardes, necesito saber cuándo me pagan el subsidio, ` +
	`postulé al curso y todavía no me entregan el certificado, nadie responde, no puedo ingresar a la plataforma, ` +
	`por favor ayuda, ¿cómo lo hago? ` +
	`"code":"","title":"","detail":"","status":200,"items":[],"next":"","masked":true,"mentionCount":2,"daysLeft":19,"events":[` +
	`"Una denuncia no se responde en redes: va por su canal reservado.","Una denuncia no pasa a SIAC: va por su canal reservado.",` +
	`"Tu rol no puede tomar casos.","Tu rol no permite esta acción.","Toma el caso antes de trabajarlo.","Este caso lo tiene ` +
	`"Este caso ya lo tomó ","Este caso ya está en SIAC con el folio ","El envío a SIAC ya está en curso.",` +
	`"El envío a SIAC está en curso: espera el folio o deshazlo antes de cerrar.","Este caso está terminado: su clase ya no cambia.",` +
	`"Este caso no está en la cola: su estado es «cerrado».","Este caso no admite respuestas en el estado «cerrado».",` +
	`"A este mensaje no se le puede responder en público desde aquí. Responde en la aplicación de la red.",` +
	`"may":{"claim":{"allowed":false,"why":"Este caso no está en la cola: su estado es «respondido».","why":"Ya tienes este caso."},` +
	`"classify":{"allowed":true},"close":{"allowed":false,"why":"Un reclamo se cierra después de responderlo.",` +
	`"why":"Un consulta se cierra después de responderlo."},"escalate":{"allowed":true},"escalate":{"allowed":false,"why":"Este caso está terminado."},` +
	`"release":{"allowed":false,"why":"Solo se devuelve a la cola un caso en análisis."},"release":{"allowed":true},` +
	`"reply":{"allowed":true,"limit":8000},"undo":{"allowed":false,"why":"No hay nada por deshacer en este caso.","until":"2026-"}}}` +
	`{"v":1,"ticket":"01K","version":2,"at":"2026-","zone":"America/Santiago","actor":"sistema","kind":"ticket.opened","from":"ingresado",` +
	`"to":"en_analisis","reason":"","facts":{"mention":"","intent":"reclamo","confidence":"0.9","model":"reglas-1","siac":"pending","rule":"E-1"},` +
	`"prev":"","hash":""}` +
	`"replies":[{"ticket":"01K","id":"r000003","text":"Hola","visibility":"public","state":"planned","author":"","authorName":"","target":"",` +
	`"message":"01K-000003","plannedAt":"2026-","due":"2026-","dueAt":"2026-","claimedAt":"2026-","sentAt":null,"state":"sent","sentAt":"2026-",` +
	`"remoteId":"","reason":"","rev":1}]` +
	`"mentions":[{"ticket":"01K","id":"","kind":"comment","text":"Hola","at":"2026-","editedAt":"2026-","public":true,"deleted":true,"parent":"",` +
	`"attachments":[{"type":"image","url":"https://scontent.xx.fbcdn.net/v/"}],"public":true,"kind":"comment","attachments":[]}],"flags":[],"rev":1}` +
	`"pendiente_antecedentes","desistido","derivado","no_competencia","reabierto","apelado","duplicado","spam","anulado","instagram","linkedin",` +
	`"whatsapp","dm","story_mention","story_reply","review","post","not_applicable","denuncia_reservada","deshecho","unknown","critica",` +
	`"felicitacion","sugerencia","denuncia","sospecha_inyeccion","ife_laboral","nuevo_empleo","formate","despega_mipe","becas_laborales",` +
	`"cursos_linea","cursos","cotizaciones","postulacion","plataforma","atencion","estafa","clave","protege","btm","bne","sej","sue","pagos","otec",` +
	`"franquicia","certificados","T02:59:59.999Z","T02:59:59.999999999Z",":00Z","2026-12-","2027-0","2026-11-",` +
	`{"id":"01K","number":"RS-2026-","version":2,"head":"","network":"facebook","account":"10","conversation":"","public":true,"kind":"comment",` +
	`"public":true,"state":"cerrado","state":"respondido","state":"en_analisis","state":"ingresado",` +
	`"intent":{"model":"reclamo","gestor":"reclamo","final":"reclamo","model":"consulta","final":"consulta","confidence":0.9,` +
	`"set":["consulta","reclamo"],"reasons":[""],"version":"reglas-1"},"urgency":"alta","urgency":"baja","urgency":"media","topics":["otro"],` +
	`"flags":[],"etapa":"","tipoPersona":"desconocido","region":"","openedAt":"2026-","receivedAt":"2026-","dueDate":"2026-","dueAt":"2026-",` +
	`"dueDate":"2026-","daysLeft":1,"answeredAt":"2026-","updatedAt":"2026-","assignee":"","assigneeName":"","citizen":{"name":"","handle":"","key":""},` +
	`"siac":{"state":"filed","folio":"","reason":"por_persona","state":"pending","reason":"E-2","reason":"E-1","message":"01K-000001",` +
	`"due":"2026-","filedAt":"2026-","state":"none"},"masked":false,"mentionCount":1,"first":"","target":"","mentions":1,"excerpt":"","facts":{}}`
