package main

// firstTrade makes a first trade with nothing but curl. Its arguments are the API's address, the operator's, and the file
// of the operator's key.
const firstTrade = `
A first trade, in another terminal:

  API=%[1]s/api ADMIN=%[2]s/api/admin ADMIN_KEY=$(cat %[3]s)
  curl -s $ADMIN/markets -H "Authorization: Bearer $ADMIN_KEY" -H 'Idempotency-Key: market-1' -H 'Content-Type: application/json' \
    -d '{"question":"Will it rain in Paris tomorrow?"}'

  for who in alice bobby; do
    curl -s $API/register -H 'Content-Type: application/json' -d '{"name":"'$who'","password":"correct horse battery"}'
    curl -s $API/login    -H 'Content-Type: application/json' -d '{"name":"'$who'","password":"correct horse battery"}' \
      | sed 's/.*"secret":"\([^"]*\)".*/\1/' > /tmp/$who.token
    curl -s $API/deposits -H "Authorization: Bearer $(cat /tmp/$who.token)" -H "Idempotency-Key: first-$who" \
      -H 'Content-Type: application/json' -d '{"amount":"100.00"}'
  done

  curl -s $API/markets/1/orders -H "Authorization: Bearer $(cat /tmp/alice.token)" -H 'Content-Type: application/json' \
    -d '{"outcome":"yes","side":"buy","price":"0.62","quantity":10,"client_order_id":"alice-1"}'
  curl -s $API/markets/1/orders -H "Authorization: Bearer $(cat /tmp/bobby.token)" -H 'Content-Type: application/json' \
    -d '{"outcome":"no","side":"buy","price":"0.38","quantity":10,"client_order_id":"bobby-1"}'
  curl -s $API/markets/1
  curl -s $API/portfolio -H "Authorization: Bearer $(cat /tmp/alice.token)"

`
