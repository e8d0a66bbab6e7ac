package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/ticket"
)

// Where people open the console and where they sign in, as rendered: the pool of the stack, or what the installation
// names instead.
const (
	consoleAddress = "${ConsoleUrl} if OwnAddress, else ${Api.ApiEndpoint}"
	signInPages    = "https://${LoginDomain}.auth.${AWS::Region}.amazoncognito.com"
	signInIssuer   = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool} if OwnSignIn, else ${OidcIssuer}"
	signInDomain   = signInPages + " if OwnSignIn, else ${OidcDomain}"
)

func signInClient(otherwise string) string {
	return "${ConsoleClient} if OwnSignIn, else ${" + otherwise + "}"
}

// peopleAreInvited: nobody enters by themselves, everybody has a second factor that is no message, passwords are long, and
// the pool survives a mistake. The pool and all that belongs to it exist only where the installation names no issuer.
func peopleAreInvited(t tmpl) []finding {
	const id = "UserPool"
	got := map[string]string{}
	for what, path := range map[string][]any{
		"invited": {"AdminCreateUserConfig", "AllowAdminCreateUserOnly"}, "second factor": {"MfaConfiguration"}, "protected": {"DeletionProtection"},
		"password": {"Policies", "PasswordPolicy", "MinimumLength"}, "invitation": {"Policies", "PasswordPolicy", "TemporaryPasswordValidityDays"},
		"factors": {"EnabledMfas"}, "known by": {"UsernameAttributes"}, "triggers": {"LambdaConfig"}, "messages": {"SmsConfiguration"},
	} {
		got[what] = fmt.Sprint(t.prop(id, path...))
	}
	out := within(id, compare(map[string]string{
		"invited": "true", "second factor": "ON", "factors": "[SOFTWARE_TOKEN_MFA]", "protected": "ACTIVE", "password": "14",
		"invitation": "3", "known by": "[email]", "triggers": "<nil>", "messages": "<nil>",
	}, got))
	for logical, r := range t.Resources {
		want := ""
		if strings.HasPrefix(r.Type, "AWS::Cognito::") {
			want = "OwnSignIn"
		}
		if strings.HasPrefix(logical, "FirstAdministrator") {
			want = "FirstAdministrator"
		}
		if r.Condition != want {
			out = append(out, found(logical, "exists if %q", r.Condition))
		}
	}
	return out
}

// groupsAreRoles: the groups of the pool are the roles the desk knows, by the same names, and the first administrator has
// the one that can neither read citizens' words nor answer.
func groupsAreRoles(t tmpl) []finding {
	want, got := map[string]int{}, map[string]int{}
	for _, role := range ticket.Roles() {
		want[string(role)] = 1
	}
	for _, id := range t.of("Cognito::UserPoolGroup") {
		got[text(t.prop(id, "GroupName"))]++
	}
	out := compare(want, got)
	first := ticket.Role(text(t.prop("FirstAdministratorGroup", "GroupName")))
	actor := ticket.Actor{Roles: []ticket.Role{first}}
	if first != ticket.TIAdmin || ticket.Allowed(actor, ticket.CanReadText) || ticket.Allowed(actor, ticket.CanReply) {
		out = append(out, found("FirstAdministratorGroup", "is %s", first))
	}
	if attached := t.of("Cognito::UserPoolUserToGroupAttachment"); !slices.Equal(attached, []string{"FirstAdministratorGroup"}) {
		out = append(out, found("FirstAdministratorGroup", "attachments are %v", attached))
	}
	return out
}

// consoleIsOneDoor: a public client with authorization codes alone, that comes back to one address, with tokens that do not
// outlive a working day.
func consoleIsOneDoor(t tmpl) []finding {
	const id = "ConsoleClient"
	got := map[string]string{}
	for _, what := range []string{"AllowedOAuthFlows", "AllowedOAuthScopes", "ExplicitAuthFlows", "SupportedIdentityProviders", "WriteAttributes"} {
		got[what] = fmt.Sprint(texts(t.prop(id, what)))
	}
	for _, what := range []string{"CallbackURLs", "LogoutURLs"} {
		var doors []string
		for _, door := range list(t.prop(id, what)) {
			doors = append(doors, render(door))
		}
		got[what] = strings.Join(doors, " ")
	}
	got["secret"] = fmt.Sprint(t.prop(id, "GenerateSecret"))
	got["strangers"] = text(t.prop(id, "PreventUserExistenceErrors"))
	out := within(id, compare(map[string]string{
		"AllowedOAuthFlows": "[code]", "AllowedOAuthScopes": "[openid profile]", "ExplicitAuthFlows": "[ALLOW_REFRESH_TOKEN_AUTH]",
		"SupportedIdentityProviders": "[COGNITO]", "WriteAttributes": "[email name]", "CallbackURLs": consoleAddress + "/",
		"LogoutURLs": consoleAddress + "/", "secret": "false", "strangers": "ENABLED",
	}, got))
	for _, token := range []string{"IdToken", "AccessToken"} {
		hours := number(t.prop(id, token+"Validity"))
		if hours < 1 || hours > 8 || t.prop(id, "TokenValidityUnits", token) != "hours" {
			out = append(out, found(id, "%s lives for %v %v", token, hours, t.prop(id, "TokenValidityUnits", token)))
		}
	}
	if clients := t.of("Cognito::UserPoolClient"); !slices.Equal(clients, []string{id}) {
		out = append(out, found(id, "clients are %v", clients))
	}
	if pools := t.of("Cognito::IdentityPool"); len(pools) > 0 {
		out = append(out, found(pools[0], "gives people keys of the account"))
	}
	return out
}

// installationIsWhole: what would be silently half is refused at deploy.
func installationIsWhole(t tmpl) []finding {
	got := map[string]string{}
	for id, rule := range t.Rules {
		asked := given(dig(rule, "RuleCondition"))
		if empty := list(dig(rule, "RuleCondition", "Fn::Equals")); len(empty) == 2 && empty[1] == "" {
			asked = "no " + text(dig(empty[0], "Ref"))
		}
		var wants []string
		for i := range list(dig(rule, "Assertions")) {
			wants = append(wants, given(dig(rule, "Assertions", i, "Assert")))
		}
		got[id] = asked + ": " + strings.Join(wants, " ")
	}
	out := compare(map[string]string{
		"NoticesHaveASender":         "NoticeRecipients: NoticeSender",
		"UserPoolHasAnAdministrator": "no OidcIssuer: AdminEmail",
		"IssuerIsWhole":              "OidcIssuer: OidcAudience OidcClientId",
	}, got)
	if names := slices.Sorted(maps.Keys(t.Conditions)); !slices.Equal(names, []string{"FirstAdministrator", "OwnAddress", "OwnSignIn"}) {
		out = append(out, found("OwnSignIn", "conditions are %v", names))
	}
	if own := list(dig(t.Conditions["OwnSignIn"], "Fn::Equals")); len(own) != 2 || render(own[0]) != "${OidcIssuer}" || own[1] != "" {
		out = append(out, found("OwnSignIn", "is %v", t.Conditions["OwnSignIn"]))
	}
	for _, id := range []string{"ConsoleUrl", "OidcDomain", "OidcIssuer", "AlarmEmail", "AdminEmail"} {
		if p := t.Parameters[id]; p == nil || p.AllowedPattern == "" {
			out = append(out, found(id, "may be anything"))
		}
	}
	if p := t.Parameters["LogRetentionDays"]; p == nil || len(p.AllowedValues) == 0 {
		out = append(out, found("LogRetentionDays", "may be any number"))
	}
	return out
}

// within tells findings as things of one resource.
func within(id string, findings []finding) []finding {
	out := make([]finding, 0, len(findings))
	for _, f := range findings {
		out = append(out, found(id, "%s %s", f.where, f.what))
	}
	return out
}

func loginFaults() []fault {
	invited, groups := "people are invited and have two factors", "groups are the roles of the desk"
	door, whole := "the console has one door", "half an installation is refused"
	return []fault{
		{"anybody may sign up", invited, "UserPool", set("UserPool", false, "AdminCreateUserConfig", "AllowAdminCreateUserOnly")},
		{"a password alone", invited, "UserPool", set("UserPool", "OPTIONAL", "MfaConfiguration")},
		{"a code by message", invited, "UserPool", set("UserPool", []any{"SMS_MFA"}, "EnabledMfas")},
		{"a short password", invited, "UserPool", set("UserPool", 8.0, "Policies", "PasswordPolicy", "MinimumLength")},
		{"a pool that may be deleted", invited, "UserPool", set("UserPool", nil, "DeletionProtection")},
		{"a pool beside another issuer", invited, "UserPool", func(t tmpl) { t.Resources["UserPool"].Condition = "" }},
		{"a table on a condition", invited, "WorkTable", func(t tmpl) { t.Resources["WorkTable"].Condition = "OwnSignIn" }},
		{"a role that has no group", groups, "auditor", drop("AuditorGroup")},
		{"a group the desk does not know", groups, "jefe", set("SupervisorGroup", "jefe", "GroupName")},
		{"an administrator who answers", groups, "FirstAdministratorGroup", set("FirstAdministratorGroup", "supervisor", "GroupName")},
		{"tokens in the address", door, "ConsoleClient", set("ConsoleClient", []any{"implicit"}, "AllowedOAuthFlows")},
		{"passwords sent by programs", door, "ConsoleClient", set("ConsoleClient", []any{"ALLOW_USER_PASSWORD_AUTH"}, "ExplicitAuthFlows")},
		{"a second door", door, "ConsoleClient", set("ConsoleClient", []any{"http://localhost/"}, "CallbackURLs")},
		{"tokens for a month", door, "ConsoleClient", set("ConsoleClient", "days", "TokenValidityUnits", "IdToken")},
		{"a client too many", door, "ConsoleClient", add("OtherClient", "Cognito::UserPoolClient", map[string]any{})},
		{"a pool nobody can enter", whole, "UserPoolHasAnAdministrator", func(t tmpl) { delete(t.Rules, "UserPoolHasAnAdministrator") }},
		{"an issuer without a client", whole, "IssuerIsWhole", func(t tmpl) { delete(t.Rules, "IssuerIsWhole") }},
		{"an address that is none", whole, "ConsoleUrl", func(t tmpl) { t.Parameters["ConsoleUrl"].AllowedPattern = "" }},
		{"a condition on something else", whole, "OwnSignIn", func(t tmpl) {
			t.Conditions["OwnSignIn"] = map[string]any{"Fn::Equals": []any{reference("ConsoleUrl"), ""}}
		}},
		{"people with a role in the account", "nothing but roles gives permissions", "AuditorGroup", set("AuditorGroup", arnOf("DeskRole"), "RoleArn")},
	}
}
