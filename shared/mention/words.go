package mention

// Flags of an event: small facts that no other field carries. They are stored and printed, so they are never renamed.
const (
	FlagLive        = "live"        // written under a live broadcast: no public answer is possible
	FlagSummoned    = "summoned"    // the author named or quoted us, so the network lets us answer by API
	FlagTruncated   = "truncated"   // the text is cut: at our own limit, and the raw delivery has the rest, or by the network
	FlagGeo         = "geo"         // carries a place
	FlagStandby     = "standby"     // another application owns the conversation: keep it, never answer
	FlagEphemeral   = "ephemeral"   // its media disappear by themselves
	FlagHidden      = "hidden"      // not shown to the public
	FlagEncrypted   = "encrypted"   // cannot be read by us
	FlagSticker     = "sticker"     // nothing but a sticker: goes with an open ticket and never opens one
	FlagPostback    = "postback"    // a button was pressed; the text is the button's, not the author's
	FlagUnsupported = "unsupported" // the network could not hand over the content
	FlagReplaced    = "replaced"    // a reaction that takes the place of the author's former one
	FlagRemoved     = "removed"     // a reaction or like taken back
	FlagDelivered   = "delivered"   // status: reached the person's device
	FlagRead        = "read"        // status: was seen by the person
	FlagSent        = "sent"        // status: the network took it
	FlagPlayed      = "played"      // status: a spoken message was listened to
	FlagFailed      = "failed"      // status: it will not arrive; the reason is one of Failed…
	FlagDeleted     = "deleted"     // status: what we sent was withdrawn
	FlagWarning     = "warning"     // status: it may arrive, and something is to be known about it
	FlagVoice       = "voice"       // speech recorded in the conversation: has no text to classify
	FlagForwarded   = "forwarded"   // the words were passed on and may be somebody else's
	FlagCampaign    = "campaign"    // came by an advertisement or post of ours, which is its attachment of type referral
	FlagGroup       = "group"       // in a group: the thread is the group, not the person
	FlagPositive    = "positive"    // a review that recommends us
	FlagNegative    = "negative"    // a review that does not recommend us
	FlagUnavailable = "unavailable" // its network would not give the words
	FlagRevised     = "revised"     // fetch: its words may be others than those that were told before
	FlagForgotten   = "forgotten"   // its network does not let us keep the words any longer
	FlagManual      = "manual"      // typed in by a person of ours
	FlagNaming      = "naming"      // tells of a known item what its author is called, and nothing else
)

// Reasons say in one stored word why an item is not an ordinary one.
const (
	ReasonEmptyBody      = "cuerpo_vacio"        // quarantine: nothing was delivered
	ReasonTooLarge       = "cuerpo_muy_grande"   // quarantine: over the size any network sends
	ReasonTooDeep        = "json_muy_anidado"    // quarantine: nested deeper than any network does
	ReasonBadJSON        = "json_invalido"       // quarantine: not JSON, or not an object
	ReasonBadEnvelope    = "sobre_ilegible"      // quarantine: the outer shape is wrong
	ReasonTooMany        = "demasiados_items"    // quarantine: stands for all items after our limit
	ReasonBadItem        = "item_ilegible"       // quarantine: one item has the wrong shape
	ReasonBadID          = "id_ilegible"         // quarantine: an id is neither a string nor a whole number
	ReasonNoID           = "sin_id"              // quarantine: an item without the id that names it
	ReasonNoAccount      = "sin_cuenta"          // quarantine: nothing says which account it is for
	ReasonNoSender       = "sin_remitente"       // quarantine: a message nobody sent
	ReasonForeign        = "cuenta_ajena"        // ignore: the account is not ours
	ReasonTest           = "envio_de_prueba"     // ignore: sent by hand from the network's console to try our address
	ReasonNoItems        = "sin_items"           // ignore: an envelope with nothing in it
	ReasonUseless        = "sin_uso"             // ignore: known, and nothing we act upon
	ReasonExpired        = "caso_vencido"        // ignore: a later version of an item whose case is kept no longer
	ReasonBefore         = "antes_de_conectar"   // ignore: looking found what was written before the account was connected
	ReasonUnknownObject  = "objeto_desconocido"  // ignore_unknown
	ReasonUnknownField   = "campo_desconocido"   // ignore_unknown
	ReasonUnknownItem    = "item_desconocido"    // ignore_unknown
	ReasonUnknownVerb    = "verbo_desconocido"   // ignore_unknown
	ReasonUnknownMessage = "mensaje_desconocido" // ignore_unknown
	ReasonFetchAuthor    = "falta_autor"         // fetch
	ReasonFetchText      = "falta_texto"         // fetch
	ReasonFetchAll       = "falta_contenido"     // fetch: only that something changed was sent, and where
	ReasonPermission     = "cambio_de_permiso"   // ops
	ReasonBlocked        = "canal_bloqueado"     // alert: the network stopped us
	ReasonUnblocked      = "canal_desbloqueado"  // alert: the network lets us go on
	ReasonWarned         = "canal_advertido"     // alert: the network warns us
	ReasonIdentity       = "cambio_de_identidad" // ops: a person goes on under another id
	ReasonAccount        = "cambio_de_cuenta"    // ops: something about our account changed
	ReasonTemplate       = "cambio_de_plantilla" // ops: the network judged a template of ours anew
	ReasonRevoked        = "acceso_revocado"     // alert: our account no longer lets our application in
	ReasonReplayed       = "reenvio_completo"    // ops: a replay of lost deliveries ended, and gave all of them
	ReasonReplayFailed   = "reenvio_incompleto"  // ops: a replay of lost deliveries ended, and something is still missing
)

// Classes of what went wrong with a message of ours, as a network tells it afterwards. They are the words under which a
// reply that was refused at once says why, because the same follows from them.
const (
	FailedRecipient  = "recipient"  // this person cannot be written to
	FailedWindow     = "window"     // the time in which an answer is allowed was over
	FailedThrottle   = "throttle"   // too many messages: later
	FailedContent    = "content"    // the network does not carry this content
	FailedAuth       = "auth"       // our token is no longer good
	FailedPermission = "permission" // our account or application may not do this
	FailedTransient  = "transient"  // the network's own trouble, which passes
	FailedOther      = "other"      // none of these: a person looks at it
)
