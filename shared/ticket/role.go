package ticket

import "sence.gob.cl/gestor/shared/classify"

// Role is what a person of the desk may do (domain.md §6.5).
type Role string

// The roles.
const (
	CommunityManager  Role = "community_manager"
	Supervisor        Role = "supervisor"
	AnalistaSIAC      Role = "analista_siac"
	OIRSRegional      Role = "oirs_regional"
	JefaturaUnidad    Role = "jefatura_unidad"
	Comunicaciones    Role = "comunicaciones"
	EncargadoDenuncia Role = "encargado_denuncias"
	DatosPersonales   Role = "datos_personales"
	TIAdmin           Role = "ti_admin"
	Auditor           Role = "auditor"
	LectorPrograma    Role = "lector_programa"
)

// Roles lists every role.
func Roles() []Role {
	return []Role{
		CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional, JefaturaUnidad, Comunicaciones, EncargadoDenuncia,
		DatosPersonales, TIAdmin, Auditor, LectorPrograma,
	}
}

// Verb is an act a role may be allowed to do.
type Verb string

// The verbs of the matrix.
const (
	CanRead        Verb = "read"       // see cases that are no denuncia, personal data masked
	CanReadText    Verb = "read_text"  // see the citizen's words as written
	CanClaim       Verb = "claim"      // take a case and give it back
	CanReply       Verb = "reply"      // answer in public
	CanEscalate    Verb = "escalate"   // file in SIAC, or undo it
	CanClassify    Verb = "classify"   // correct the class of a case
	CanReclassify  Verb = "reclassify" // take a case out of reclamo or denuncia
	CanClose       Verb = "close"      // close what is answered
	CanCloseClaim  Verb = "close_claim"
	CanReadDenied  Verb = "read_restricted" // see the restricted queue of denuncias
	CanOperate     Verb = "operate"         // see quarantine and what waits for a person
	CanOverrideOwn Verb = "override_owner"  // act on a case somebody else holds
	CanPropose     Verb = "propose_hide"    // propose to hide what somebody wrote, or to show it again
	CanHide        Verb = "hide"            // decide that
	CanRemove      Verb = "remove"          // take away an answer that somebody else wrote
	CanCapture     Verb = "capture"         // type in what reached us outside of the networks we hear
	CanSeeChannels Verb = "channels"        // see whether our accounts work
	CanConnect     Verb = "connect"         // connect, pause, resume and take away an account of ours
	CanSeeModels   Verb = "models"          // see which model classifies, and who changed it
	CanSwitch      Verb = "switch_model"    // bring a model, try it in the shadow, let it decide, and take that back
	CanSeePosts    Verb = "posts"           // see what we publish, the library and the calendar
	CanPost        Verb = "post"            // write what is to be published, and propose it
	CanApprovePost Verb = "approve_post"    // let out what somebody else proposed
	CanEmergency   Verb = "emergency"       // let it out alone, with a reason: logged, and told to the others
)

// Allowed reports whether one of the actor's roles may do verb. The matrix is domain.md §6.5; closing and classifying by
// a community manager stop where a reclamo begins.
func Allowed(a Actor, verb Verb) bool {
	return a.Is(holders(verb)...)
}

func holders(verb Verb) []Role { return matrix()[verb] }

func matrix() map[Verb][]Role {
	return map[Verb][]Role{
		CanRead:        {CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional, JefaturaUnidad, DatosPersonales, Auditor},
		CanReadText:    {CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional, EncargadoDenuncia},
		CanClaim:       {CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional, EncargadoDenuncia},
		CanReply:       {CommunityManager, Supervisor},
		CanEscalate:    {CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional, JefaturaUnidad},
		CanClassify:    {CommunityManager, Supervisor, AnalistaSIAC, JefaturaUnidad, EncargadoDenuncia},
		CanReclassify:  {Supervisor, AnalistaSIAC, JefaturaUnidad, EncargadoDenuncia},
		CanClose:       {CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional, JefaturaUnidad, EncargadoDenuncia},
		CanCloseClaim:  {Supervisor, AnalistaSIAC, OIRSRegional, JefaturaUnidad, EncargadoDenuncia},
		CanReadDenied:  {EncargadoDenuncia},
		CanOperate:     {CommunityManager, Supervisor, AnalistaSIAC, JefaturaUnidad, TIAdmin},
		CanOverrideOwn: {Supervisor, JefaturaUnidad},
		CanPropose:     {CommunityManager, Supervisor, JefaturaUnidad},
		CanHide:        {Supervisor, JefaturaUnidad},
		CanRemove:      {Supervisor},
		CanCapture:     {CommunityManager, Supervisor, AnalistaSIAC, OIRSRegional},
		CanSeeChannels: {CommunityManager, Supervisor, AnalistaSIAC, JefaturaUnidad, TIAdmin, Auditor},
		CanConnect:     {Supervisor, JefaturaUnidad, TIAdmin},
		CanSeeModels:   {Supervisor, JefaturaUnidad, TIAdmin, Auditor},
		CanSwitch:      {JefaturaUnidad, TIAdmin},
		CanSeePosts:    {CommunityManager, Supervisor, JefaturaUnidad, Comunicaciones, Auditor},
		CanPost:        {CommunityManager, Supervisor, Comunicaciones},
		CanApprovePost: {Supervisor, JefaturaUnidad, Comunicaciones},
		CanEmergency:   {Supervisor, JefaturaUnidad},
	}
}

// Reach is of which cases somebody may know: of those that are no denuncia, and of the denuncias.
// Posts is of what we publish.
type Reach struct{ Ordinary, Restricted, Posts bool }

// ReachOf gives the reach of the actor. Who answers for denuncias knows of nothing else (domain.md §6.5); of these they may
// correct the class too: nobody else sees that a case is no denuncia, and so nobody else could give it back.
func ReachOf(a Actor) Reach {
	return Reach{Ordinary: Allowed(a, CanRead), Restricted: Allowed(a, CanReadDenied), Posts: Allowed(a, CanSeePosts)}
}

// Covers reports whether a case of the class is within the reach.
func (r Reach) Covers(i classify.Intent) bool {
	if i == classify.Denuncia {
		return r.Restricted
	}
	return r.Ordinary
}

// VisibleTo reports whether the actor may know that the case exists: a denuncia only who answers for denuncias (E-4).
func (t Ticket) VisibleTo(a Actor) bool { return ReachOf(a).Covers(t.Intent.Final) }
