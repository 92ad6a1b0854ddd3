-- wrk: the same create with a body of its own for each request.
local n = 0
local headers = {
  ["Accept"] = "application/scim+json", ["Accept-Charset"] = "utf-8",
  ["Content-Type"] = "application/scim+json; charset=utf-8", ["User-Agent"] = "Okta SCIM Client 1.0.0",
  ["Authorization"] = "Bearer bench", ["Accept-Encoding"] = "gzip,deflate",
}
request = function()
  n = n + 1
  local name = string.format("scimproof-benchwrk.0x%xa.pat.example@example.com", n)
  local body = '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"' .. name ..
    '","name":{"givenName":"Pat","familyName":"Example"},"emails":[{"primary":true,"value":"' .. name ..
    '","type":"work"}],"displayName":"Pat Example","locale":"en-US","externalId":"00u' ..
    string.format("%017x", n) .. '","groups":[],"password":"aB3dE6gH","active":true}'
  return wrk.format("POST", "/Users", headers, body)
end
