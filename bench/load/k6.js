// k6: the same create with the same checks.
import http from "k6/http";
import { check } from "k6";

const params = {
  headers: {
    Accept: "application/scim+json", "Accept-Charset": "utf-8",
    "Content-Type": "application/scim+json; charset=utf-8",
    "User-Agent": "Okta SCIM Client 1.0.0", Authorization: "Bearer bench",
  },
  tags: { name: "POST /Users" },
};

export default function () {
  const name = `scimproof-bench00k6.${__VU}x${__ITER}a.pat.example@example.com`;
  const body = {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: name,
    name: { givenName: "Pat", familyName: "Example" },
    emails: [{ primary: true, value: name, type: "work" }], displayName: "Pat Example", locale: "en-US",
    externalId: `00u${__VU}x${__ITER}`, groups: [], password: "aB3dE6gH", active: true,
  };
  const answer = http.post(`${__ENV.URL}/Users`, JSON.stringify(body), params);
  check(answer, {
    created: (a) => {
      const user = a.json();
      return a.status === 201 && user.schemas.length === 1 && user.id !== "" && user.userName === name && user.active;
    },
  });
}
