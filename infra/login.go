package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"
)

// How long a sign-in lasts, in hours: half a working day. The authorizer verifies a token's signature and not whether it
// was taken back, so whoever leaves the institution keeps reading for at most this long.
const tokenHours = 4

// login is who vouches for the people of the desk: the stack's own user pool, or an issuer the installation names.
type login struct {
	own   awscdk.CfnCondition
	first awscdk.CfnCondition
	pool  awscognito.CfnUserPool
	// issuer, audience and clientID are the pool's or the parameters'; domain is the origin of the token endpoint where it
	// is not the issuer's.
	issuer, audience, clientID, domain *string
	// pages is where the pool's own pages are.
	pages *string
}

// roles are the groups of the pool: the roles of the permission matrix (domain.md §6.5), as tokens say them. A test keeps
// them equal to those the desk knows.
func roles() []string {
	return []string{
		"community_manager", "supervisor", "analista_siac", "oirs_regional", "jefatura_unidad", "comunicaciones",
		"encargado_denuncias", "datos_personales", "ti_admin", "auditor", "lector_programa",
	}
}

// newLogin declares the user pool, unless the installation names an issuer of its own (ADR 0017).
func newLogin(stack awscdk.Stack, s settings, r *resources) login {
	p := r.params
	l := login{own: condition(stack, "OwnSignIn", awscdk.Fn_ConditionEquals(ref(p.oidcIssuer), jsii.String("")))}
	l.first = condition(stack, "FirstAdministrator", awscdk.Fn_ConditionAnd(l.own,
		awscdk.Fn_ConditionNot(awscdk.Fn_ConditionEquals(ref(p.adminEmail), jsii.String("")))))
	l.pool = newUserPool(stack, s)
	l.only(l.pool)
	for _, role := range roles() {
		l.only(awscognito.NewCfnUserPoolGroup(stack, jsii.String(groupID(role)), &awscognito.CfnUserPoolGroupProps{
			GroupName: jsii.String(role), UserPoolId: l.pool.Ref(),
		}))
	}
	client := newClient(stack, r.consoleURL, l)
	domain := awscognito.NewCfnUserPoolDomain(stack, jsii.String("LoginDomain"), &awscognito.CfnUserPoolDomainProps{
		Domain: domainPrefix(s), ManagedLoginVersion: jsii.Number(2), UserPoolId: l.pool.Ref(),
	})
	l.only(domain)
	// Pages of the second version have no look, and do not open, without a style; this is Cognito's own.
	style := awscognito.NewCfnManagedLoginBranding(stack, jsii.String("LoginStyle"), &awscognito.CfnManagedLoginBrandingProps{
		ClientId: client.Ref(), UseCognitoProvidedValues: jsii.Bool(true), UserPoolId: l.pool.Ref(),
	})
	style.AddResourceDependency(domain, nil)
	l.only(style)
	newFirstAdministrator(stack, p, l)

	issuer := awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("https://cognito-idp."), awscdk.Aws_REGION(), jsii.String("."), awscdk.Aws_URL_SUFFIX(), jsii.String("/"), l.pool.Ref(),
	})
	l.pages = awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("https://"), domain.Ref(), jsii.String(".auth."), awscdk.Aws_REGION(), jsii.String(".amazoncognito.com"),
	})
	l.issuer = either(l.own, issuer, ref(p.oidcIssuer))
	l.audience = either(l.own, client.Ref(), ref(p.oidcAudience))
	l.clientID = either(l.own, client.Ref(), ref(p.oidcClientID))
	l.domain = either(l.own, l.pages, ref(p.oidcDomain))
	return l
}

// only makes a resource exist with the pool alone.
func (l login) only(r awscdk.CfnResource) { r.CfnOptions().SetCondition(l.own) }

// newUserPool declares a pool that nobody can enter by themselves. A second factor is demanded of everybody: a stolen
// password would publish in the institution's name and read what citizens wrote. It is an app on the telephone, because
// messages cost money and can be diverted. People are known by their e-mail and recorded by an id that says nothing.
func newUserPool(stack awscdk.Stack, s settings) awscognito.CfnUserPool {
	protection := "ACTIVE"
	if s.disposable() {
		protection = "INACTIVE"
	}
	pool := awscognito.NewCfnUserPool(stack, jsii.String("UserPool"), &awscognito.CfnUserPoolProps{
		AccountRecoverySetting: &awscognito.CfnUserPool_AccountRecoverySettingProperty{
			RecoveryMechanisms: []any{&awscognito.CfnUserPool_RecoveryOptionProperty{Name: jsii.String("verified_email"), Priority: jsii.Number(1)}},
		},
		AdminCreateUserConfig: &awscognito.CfnUserPool_AdminCreateUserConfigProperty{
			AllowAdminCreateUserOnly: jsii.Bool(true),
			InviteMessageTemplate: &awscognito.CfnUserPool_InviteMessageTemplateProperty{
				EmailSubject: jsii.String("Tu cuenta en el gestor de redes sociales"),
				EmailMessage: jsii.String("Hola. Ya tienes cuenta en el gestor de redes sociales.<br>Usuario: {username}<br>" +
					"Contraseña temporal: {####}<br>Vale por tres días. Al entrar eliges la tuya y registras una aplicación de verificación."),
			},
		},
		AutoVerifiedAttributes: jsii.Strings("email"),
		DeletionProtection:     jsii.String(protection),
		EnabledMfas:            jsii.Strings("SOFTWARE_TOKEN_MFA"),
		MfaConfiguration:       jsii.String("ON"),
		Policies: &awscognito.CfnUserPool_PoliciesProperty{PasswordPolicy: &awscognito.CfnUserPool_PasswordPolicyProperty{
			MinimumLength: jsii.Number(14), PasswordHistorySize: jsii.Number(5), RequireLowercase: jsii.Bool(true),
			RequireNumbers: jsii.Bool(true), RequireUppercase: jsii.Bool(true), TemporaryPasswordValidityDays: jsii.Number(3),
		}},
		// A reply carries its author's name in the record, so nobody is created without one.
		Schema: []any{
			&awscognito.CfnUserPool_SchemaAttributeProperty{Name: jsii.String("email"), Required: jsii.Bool(true), Mutable: jsii.Bool(true)},
			&awscognito.CfnUserPool_SchemaAttributeProperty{Name: jsii.String("name"), Required: jsii.Bool(true), Mutable: jsii.Bool(true)},
		},
		UserPoolTier:          jsii.String("ESSENTIALS"),
		UsernameAttributes:    jsii.Strings("email"),
		UsernameConfiguration: &awscognito.CfnUserPool_UsernameConfigurationProperty{CaseSensitive: jsii.Bool(false)},
	})
	pool.ApplyRemovalPolicy(s.removal(), nil)
	return pool
}

// newClient declares the console as the pool knows it: public, so without a secret, authorization code only (the console
// adds PKCE), and one address to come back to.
func newClient(stack awscdk.Stack, console *string, l login) awscognito.CfnUserPoolClient {
	door := awscdk.Fn_Join(jsii.String(""), &[]*string{console, jsii.String("/")})
	client := awscognito.NewCfnUserPoolClient(stack, jsii.String("ConsoleClient"), &awscognito.CfnUserPoolClientProps{
		AccessTokenValidity:             jsii.Number(tokenHours),
		AllowedOAuthFlows:               jsii.Strings("code"),
		AllowedOAuthFlowsUserPoolClient: jsii.Bool(true),
		AllowedOAuthScopes:              jsii.Strings("openid", "profile"),
		CallbackUrLs:                    &[]*string{door},
		EnableTokenRevocation:           jsii.Bool(true),
		ExplicitAuthFlows:               jsii.Strings("ALLOW_REFRESH_TOKEN_AUTH"),
		GenerateSecret:                  jsii.Bool(false),
		IdTokenValidity:                 jsii.Number(tokenHours),
		LogoutUrLs:                      &[]*string{door},
		PreventUserExistenceErrors:      jsii.String("ENABLED"),
		ReadAttributes:                  jsii.Strings("email", "name"),
		RefreshTokenValidity:            jsii.Number(1),
		SupportedIdentityProviders:      jsii.Strings("COGNITO"),
		TokenValidityUnits: &awscognito.CfnUserPoolClient_TokenValidityUnitsProperty{
			AccessToken: jsii.String("hours"), IdToken: jsii.String("hours"), RefreshToken: jsii.String("days"),
		},
		UserPoolId:      l.pool.Ref(),
		WriteAttributes: jsii.Strings("email", "name"), // what is required must be writable; no token of ours carries the scope for it
	})
	l.only(client)
	return client
}

// newFirstAdministrator invites one person, as ti_admin: that role configures and reads the record without text, and can
// neither read what citizens wrote nor answer them (domain.md §6.5). Everybody else is invited by whoever operates the
// pool, which takes rights in the account and none in the desk.
func newFirstAdministrator(stack awscdk.Stack, p parameters, l login) {
	user := awscognito.NewCfnUserPoolUser(stack, jsii.String("FirstAdministratorUser"), &awscognito.CfnUserPoolUserProps{
		DesiredDeliveryMediums: jsii.Strings("EMAIL"),
		UserAttributes: []any{
			&awscognito.CfnUserPoolUser_AttributeTypeProperty{Name: jsii.String("email"), Value: ref(p.adminEmail)},
			&awscognito.CfnUserPoolUser_AttributeTypeProperty{Name: jsii.String("email_verified"), Value: jsii.String("true")},
			&awscognito.CfnUserPoolUser_AttributeTypeProperty{Name: jsii.String("name"), Value: jsii.String("Administración TI")},
		},
		UserPoolId: l.pool.Ref(),
		Username:   ref(p.adminEmail),
	})
	member := awscognito.NewCfnUserPoolUserToGroupAttachment(stack, jsii.String("FirstAdministratorGroup"),
		&awscognito.CfnUserPoolUserToGroupAttachmentProps{GroupName: jsii.String("ti_admin"), UserPoolId: l.pool.Ref(), Username: user.Ref()})
	if group, ok := stack.Node().FindChild(jsii.String(groupID("ti_admin"))).(awscdk.CfnResource); ok {
		member.AddResourceDependency(group, nil)
	}
	user.CfnOptions().SetCondition(l.first)
	member.CfnOptions().SetCondition(l.first)
}

// newAuthorizer declares what stands before the API.
func newAuthorizer(stack awscdk.Stack, api awsapigatewayv2.CfnApi, l login) awsapigatewayv2.CfnAuthorizer {
	return awsapigatewayv2.NewCfnAuthorizer(stack, jsii.String("ApiAuthorizer"), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId:          api.Ref(),
		AuthorizerType: jsii.String("JWT"),
		IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtConfiguration: &awsapigatewayv2.CfnAuthorizer_JWTConfigurationProperty{
			Audience: &[]*string{l.audience},
			Issuer:   l.issuer,
		},
		Name: jsii.String("ejecutivos"),
	})
}

// groupID is CommunityManagerGroup for community_manager.
func groupID(role string) string {
	var id strings.Builder
	for part := range strings.SplitSeq(role, "_") {
		id.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return id.String() + "Group"
}

// domainPrefix must be nobody else's in the region: the first part of the stack's own id, which no two stacks share, makes
// it so without showing the account.
func domainPrefix(s settings) *string {
	uuid := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), awscdk.Aws_STACK_ID(), nil))
	return awscdk.Fn_Join(jsii.String("-"), &[]*string{
		jsii.String("gestor"), jsii.String(s.stage), awscdk.Fn_Select(jsii.Number(0), awscdk.Fn_Split(jsii.String("-"), uuid, nil)),
	})
}

func condition(stack awscdk.Stack, id string, when awscdk.ICfnConditionExpression) awscdk.CfnCondition {
	return awscdk.NewCfnCondition(stack, jsii.String(id), &awscdk.CfnConditionProps{Expression: when})
}

// either is a value that depends on a condition.
func either(when awscdk.CfnCondition, then, otherwise *string) *string {
	return awscdk.Token_AsString(awscdk.Fn_ConditionIf(when.LogicalId(), then, otherwise), nil)
}
