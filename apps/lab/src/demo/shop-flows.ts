import type { DemoFaultName } from '@logbert/contracts';
import type { ShopRequest, ShopRoute } from './shop-request';

/** What a visitor, a probe or a timer makes the shop do: it says its lines on the request. */
export type ShopFlow = (request: ShopRequest, isActive: (fault: DemoFaultName) => boolean) => void;

export const browse: ShopFlow = (request, isActive) => {
  const { random } = request;
  const product = request.product();
  const route = 'product-page';
  request.receive(route);
  if (isActive('bad-deploy')) return resolveBadly(request, product, route);
  request.say('catalogue', 'info', `looking up product ${product}`);
  if (random.chance(0.7)) {
    request.say('catalogue', 'debug', `cache hit for product ${product}`);
  } else {
    request.say('catalogue', 'debug', `cache miss for product ${product}`);
    request.query('select from products by id', '1 row');
    if (random.chance(0.2)) {
      request.say('catalogue', 'info', `product ${product} does not exist`);
      request.refuse(route, 404);
      return;
    }
    request.say('catalogue', 'info', `product ${product} loaded from the database`);
  }
  if (random.chance(0.4)) {
    request.say(
      'catalogue',
      'info',
      `${random.int(2, 12)} recommendations go with product ${product}`,
    );
  }
  request.succeed(route, 200);
};

export const search: ShopFlow = (request, isActive) => {
  const { random } = request;
  const route = 'product-search';
  request.receive(route);
  if (isActive('bad-deploy')) return resolveBadly(request, request.product(), route);
  request.wait(10, 60);
  request.say('catalogue', 'info', `search index read, ${random.int(0, 240)} products match`);
  if (random.chance(0.5)) {
    request.say('catalogue', 'debug', `ranking by popularity took ${random.int(2, 30)} ms`);
  }
  request.succeed(route, 200);
};

export const addToCart: ShopFlow = (request, isActive) => {
  const { random } = request;
  const cart = request.cart();
  const product = request.product();
  const route = 'cart-add';
  request.receive(route);
  if (random.chance(0.2)) {
    request.say('cart', 'info', `cart ${cart} opened for account ${request.account()}`);
  } else {
    request.say('cart', 'info', `cart ${cart} loaded with ${random.int(1, 9)} items`);
  }
  if (isActive('bad-deploy')) return resolveBadly(request, product, route);
  request.say('catalogue', 'info', `price of product ${product} is ${random.int(3, 300)} EUR`);
  if (random.chance(0.2)) {
    request.say('cart', 'info', `coupon lowers cart ${cart} by ${random.int(5, 30)} percent`);
  }
  if (isActive('disk-full')) {
    failToWrite(request, 'carts');
    request.say('cart', 'error', `cart ${cart} could not be saved`);
    request.fail(route, 500);
    return;
  }
  request.query('upsert into carts', '1 row');
  request.say('cart', 'info', `product ${product} added to cart ${cart}`);
  request.succeed(route, 200);
};

export const order: ShopFlow = (request, isActive) => {
  const { random } = request;
  const cart = request.cart();
  const payment = random.int(5_000_000, 5_999_999);
  const amount = random.int(10, 900);
  const route = 'checkout';
  request.receive(route);
  request.say('cart', 'info', `checkout of cart ${cart} begins`);
  reserveStock(request);
  request.say('payment', 'info', `payment ${payment} of ${amount} EUR begins`);
  request.say('payment', 'info', `asking the provider to authorise payment ${payment}`);
  if (isActive('dependency-timeout')) return timeOut(request, cart, payment, route);
  request.wait(40, 260);
  if (random.chance(0.1)) {
    request.say('payment', 'warn', `provider is busy, payment ${payment} is tried again`);
    request.wait(100, 300);
    request.say('payment', 'info', `asking the provider to authorise payment ${payment}`);
    request.wait(40, 260);
  }
  if (random.chance(0.1)) {
    request.say('payment', 'warn', `provider declined payment ${payment} for lack of funds`);
    request.say('cart', 'info', `cart ${cart} kept for another try`);
    request.refuse(route, 402);
    return;
  }
  request.say('payment', 'info', `provider authorised payment ${payment} as ${random.hex(8)}7`);
  if (!isActive('silent-drop')) {
    request.say('payment', 'info', `charge captured for payment ${payment}`);
    request.say('payment', 'info', `receipt ${random.int(700_000, 799_999)} written`);
  }
  if (isActive('disk-full')) {
    failToWrite(request, 'orders');
    request.say('payment', 'warn', `charge of payment ${payment} reversed`);
    request.fail(route, 500);
    return;
  }
  request.query('insert into orders', '1 row');
  request.query('insert into order_items', `${random.int(1, 5)} rows`);
  request.say('cart', 'info', `cart ${cart} closed after checkout`);
  request.succeed(route, 201);
};

export const logIn: ShopFlow = (request) => {
  const route = 'login';
  const account = request.account();
  request.receive(route);
  request.query('select from accounts by name', '1 row');
  if (request.random.chance(0.2)) {
    request.say('gateway', 'warn', `wrong password for account ${account}`);
    request.refuse(route, 401);
    return;
  }
  request.say('gateway', 'info', `account ${account} logged in`);
  request.succeed(route, 200);
};

/** One guess of an attacker at 203.0.113.66; the gateway's guard wakes up and locks accounts. */
export const guessPassword: ShopFlow = (request) => {
  const { random } = request;
  const route = 'login';
  const account = random.int(10_000, 10_005);
  request.receive(route, '203.0.113.66');
  request.query('select from accounts by name', '1 row');
  request.say('gateway', 'warn', `wrong password for account ${account}`);
  request.say(
    'gateway',
    'warn',
    `too many failed logins from 203.0.113.66, ${random.int(6, 90)} within 10 s`,
  );
  if (random.chance(0.3)) {
    request.say('gateway', 'error', `account ${account} locked after 5 failed logins`);
  }
  request.refuse(route, 401);
};

export const checkHealth: ShopFlow = (request) => {
  request.say('gateway', 'debug', 'health probe begins');
  request.say('db-proxy', 'debug', `ping answered in ${request.random.int(1, 4)} ms`);
  request.say('gateway', 'debug', '5 of 5 services are up');
};

export const keepHouse: ShopFlow = (request, isActive) => {
  const { random } = request;
  request.say(
    'db-proxy',
    'info',
    `housekeeping begins, ${random.int(3, 20)} of 40 connections busy`,
  );
  request.wait(100, 400);
  if (isActive('disk-full')) return failToWrite(request, 'carts');
  request.say('db-proxy', 'info', `vacuum of carts freed ${random.int(10, 900)} pages`);
  if (random.chance(0.5)) {
    request.say('catalogue', 'info', `cache refreshed with ${random.int(800, 4_000)} products`);
  }
  request.say('db-proxy', 'info', `housekeeping done in ${random.int(100, 500)} ms`);
};

/** What the catalogue says when its new version comes up. */
export const deployBadly: ShopFlow = (request) => {
  request.say('catalogue', 'info', 'received SIGTERM, draining connections');
  request.wait(100, 300);
  request.say(
    'catalogue',
    'info',
    `catalogue version 4.13.0 starts, build ${request.random.hex(7)}1`,
  );
  request.say('catalogue', 'warn', 'setting price.currency is missing, using no default');
};

function reserveStock(request: ShopRequest): void {
  const { random } = request;
  const products = random.int(1, 2);
  for (let index = 0; index < products; index++) {
    request.say(
      'catalogue',
      'info',
      `reserved ${random.int(1, 4)} of product ${request.product()}`,
    );
  }
  if (random.chance(0.1)) {
    request.say(
      'catalogue',
      'warn',
      `only ${random.int(1, 5)} of product ${request.product()} left`,
    );
  }
}

function timeOut(request: ShopRequest, cart: number, payment: number, route: ShopRoute): void {
  for (const attempt of [1, 2]) {
    request.wait(1_200, 1_200);
    const what = `no answer from the provider for payment ${payment} within 1200 ms`;
    request.say('payment', 'error', `${what}, attempt ${attempt} of 2 timed out`);
  }
  request.say('payment', 'error', `payment ${payment} failed because the provider is unreachable`);
  request.say('cart', 'warn', `checkout of cart ${cart} given up`);
  request.say('gateway', 'error', 'upstream payment did not answer in time');
  request.fail(route, 504);
}

function failToWrite(request: ShopRequest, table: string): void {
  const file = `/var/lib/shop/${table}/${request.random.int(16_000, 17_000)}`;
  request.say('db-proxy', 'error', `could not extend file ${file}: no space left on device`);
  request.say(
    'db-proxy',
    'error',
    `transaction ${request.random.int(1_000_000, 9_999_999)} aborted`,
  );
}

function resolveBadly(request: ShopRequest, product: number, route: ShopRoute): void {
  request.say('catalogue', 'info', `price resolver v2 takes product ${product}`);
  if (request.random.chance(0.3)) {
    request.say(
      'catalogue',
      'warn',
      `price resolver v2 falls back to the list price of ${product}`,
    );
    request.succeed(route, 200);
    return;
  }
  request.say(
    'catalogue',
    'error',
    `TypeError: Cannot read properties of undefined (reading 'amount') at PriceResolver.resolve (resolver.js:88)`,
  );
  request.fail(route, 500);
}
